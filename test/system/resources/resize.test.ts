import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type GroupLimits, makeControlGroup, noControlGroup } from '../../rig/control-group.ts';
import { until } from '../../rig/deadline.ts';
import { finishWords } from '../../rig/finished.ts';
import { needs } from '../../rig/needs.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { type Line, type Supervised, start } from '../../rig/supervised.ts';
import { makeTree } from '../../rig/tree.ts';

const MIB = 2 ** 20;

/** Takes memory until its control group counts this many bytes, and keeps it; then, for a HUP, more than there is. */
const HOLD = `
  const { existsSync, readFileSync } = require('node:fs');
  const [folder, bytes] = process.argv.slice(1);
  const file = ['memory.current', 'memory.usage_in_bytes'].map((name) => folder + '/' + name).find(existsSync);
  const held = [];
  while (Number(readFileSync(file, 'utf8')) < Number(bytes)) held.push(Buffer.alloc(2 ** 20, 1));
  process.on('SIGHUP', () => { for (;;) held.push(Buffer.alloc(2 ** 20, 1)); });
  console.log('holds');
  setInterval(() => held.length, 1e6);`;
const hold = (folder: string, mebibytes: number): readonly string[] => [
  process.execPath,
  '-e',
  HOLD,
  folder,
  String(mebibytes * MIB),
];

/** Old and new limits of a line, memory in MiB. */
const limitsIn = (line: Readonly<Record<string, unknown>>): readonly unknown[] => [
  Number(line['oldMemoryLimitBytes']) / MIB,
  Number(line['memoryLimitBytes']) / MIB,
  line['oldCpuLimitCores'],
  line['cpuLimitCores'],
];

const warned = (run: Supervised, mebibytes: number): Promise<Line> =>
  run.line('warning', (line) => line['reason'] === 'memory' && line['memoryLimitBytes'] === mebibytes * MIB);

async function statusOf(run: Supervised): Promise<Readonly<Record<string, unknown>>> {
  return JSON.parse((await run.get('/statusz')).body);
}

describe('an in-place resize', { skip: noControlGroup }, () => {
  test('raised and shrunk memory and processors are said in the log, on the events socket, in /statusz and the metrics', async () => {
    await using group = makeControlGroup({ mebibytes: 256, processors: 1.5 });
    const app = ['sh', '-c', 'echo "$K8S_RUN_EVENTS"; exec sleep 1000'];
    await using run = start(['--ready', 'process', '--events'], app, group);
    await run.line('ready');
    const address = await until('the name of the socket', () => /^@\S+$/m.exec(run.stdout())?.[0], run.stderr);
    let told = '';
    const reader = connect({ path: `\0${address.slice(1)}` }).on('data', (part) => {
      told += String(part);
    });
    await until('the present state', () => told.includes('"state"'), run.stderr);
    assert.deepEqual((await statusOf(run))['limits'], { memoryLimitBytes: 256 * MIB, cpuLimitCores: 1.5 });
    // One after the other, because a look may come between two files.
    const steps: readonly (readonly [GroupLimits, ...limits: readonly number[]])[] = [
      [{ mebibytes: 512 }, 256, 512, 1.5, 1.5],
      [{ processors: 0.5 }, 512, 512, 1.5, 0.5],
      [{ mebibytes: 128 }, 512, 128, 0.5, 0.5],
      [{ processors: 1 }, 128, 128, 0.5, 1],
    ];
    for (const [index, [limits]] of steps.entries()) {
      group.resize(limits);
      await until('the line', () => run.events().filter((event) => event === 'resized').length > index, run.stderr);
    }
    const said = run.lines().filter(({ event }) => event === 'resized');
    assert.deepEqual(
      said.map((line) => limitsIn(line)),
      steps.map(([, ...limits]) => limits),
    );
    assert.equal(said[0]?.msg, 'The container was resized: memory from 256 MiB to 512 MiB');
    assert.equal(said[1]?.msg, 'The container was resized: CPU from 1.5 to 0.5');
    await until('all on the socket', () => told.split('"resized"').length > steps.length, run.stderr);
    reader.destroy();
    const lines = told
      .split('\n')
      .filter((line) => line.includes('"resized"'))
      .map((line) => JSON.parse(line) as Line);
    assert.deepEqual(
      lines.map((line) => [line['phase'], line['ready'], ...limitsIn(line)]),
      steps.map(([, ...limits]) => ['running', true, ...limits]),
    );
    const { limits } = (await statusOf(run)) as { limits: { resized: { agoMs: number } } };
    assert.ok(limits.resized.agoMs >= 0);
    assert.deepEqual(limits, {
      ...{ memoryLimitBytes: 128 * MIB, cpuLimitCores: 1, resizes: 4 },
      resized: { agoMs: limits.resized.agoMs, oldMemoryLimitBytes: 128 * MIB, oldCpuLimitCores: 0.5 },
    });
    const metrics = (await run.get('/metrics')).body;
    assert.match(metrics, /^k8s_run_resizes_total 4$/m);
    assert.match(metrics, new RegExp(`^k8s_run_container_memory_limit_bytes ${128 * MIB}$`, 'm'));
    // Nobody has asked for an action, and no variable was set.
    assert.deepEqual(
      run.events().filter((event) => event === 'settled' || event === 'warning'),
      [],
    );
  });

  test('warnings follow the new limit: none of the old one after a raise, a new one after a shrink', async () => {
    await using group = makeControlGroup({ mebibytes: 256 });
    await using run = start(['--ready', 'process', '--grace', '1s'], hold(group.memoryFolder, 244), group);
    await warned(run, 256);
    group.resize({ mebibytes: 1024 });
    await run.line('resized');
    group.resize({ mebibytes: 258 });
    const warning = await warned(run, 258);
    assert.match(warning.msg, / of 258 MiB; /);
    run.kill('SIGTERM');
    await run.ended();
    assert.equal((await run.line('exited'))['memoryLimitBytes'], 258 * MIB);
  });

  test('a warning names the CPU quota that makes a probe late, and the next one the quota after a resize', async () => {
    // So little that the quota is what is short, however busy the machine is.
    await using group = makeControlGroup({ processors: 0.2 });
    // It never ends, and takes all the time there is.
    const probe = ['--ready', 'exec:sh -c "while :; do :; done"', '--probe-timeout', '700ms'];
    await using run = start(probe, ['sleep', '1000'], group);
    const throttled = (processors: number): Promise<Line> =>
      run.line('warning', (line) => line['reason'] === 'throttling' && line['processors'] === processors);
    const warning = await throttled(0.2);
    assert.ok(Number(warning['throttledPercent']) >= 25);
    assert.match(
      warning.msg,
      /timed out \(no answer within 700 ms\) while the CPU limit \(0\.2\) throttled the container/,
    );
    group.resize({ processors: 0.25 });
    await run.line('resized');
    await throttled(0.25);
  });

  test('an out-of-memory kill after a shrink is told with the new limit, in exited and in the termination message', async () => {
    await using group = makeControlGroup({ mebibytes: 512 });
    using folder = makeTree({});
    const termination = join(folder.root, 'termination-log');
    const options = ['--ready', 'process', '--on-resize', 'HUP', '--termination-log', termination];
    await using run = start(options, hold(group.memoryFolder, 120), group);
    await until('the memory', () => run.stdout().includes('holds'), run.stderr);
    await run.line('ready');
    group.resize({ mebibytes: 160 });
    assert.equal((await run.ended()).code, 137);
    const last = await run.line('exited');
    assert.deepEqual([last['oomKilled'], last['sender'], last['memoryLimitBytes']], [true, 'kernel', 160 * MIB]);
    assert.equal((last['resized'] as { oldMemoryLimitBytes: number }).oldMemoryLimitBytes, 512 * MIB);
    assert.match(
      readFileSync(termination, 'utf8'),
      /, limit 160 MiB \(512 MiB until \S+ before the exit\), OOM-killed: 1 process$/m,
    );
  });

  test('a resize that no look has found yet is in exited', async () => {
    await using group = makeControlGroup({ mebibytes: 256 });
    await using run = await startPuppet(['--ready', 'process'], group);
    await run.line('ready');
    await until('the first look', async () => (await statusOf(run))['limits'] !== null);
    group.resize({ mebibytes: 384 });
    await run.puppet.tell({ do: 'exit', code: 3 }).catch(() => {});
    assert.equal((await run.ended()).code, 3);
    assert.equal((await run.line('exited'))['memoryLimitBytes'], 384 * MIB);
    assert.deepEqual(limitsIn(await run.line('resized')).slice(0, 2), [256, 384]);
  });

  test('--on-resize sends the signal once the limits have settled, once for several changes in a row', async () => {
    await using group = makeControlGroup({ mebibytes: 256, processors: 1 });
    await using run = await startPuppet(['--on-resize', 'USR2'], group);
    await run.puppet.tell({ do: 'catch', signals: ['SIGUSR2'] });
    await until('the first look', async () => (await statusOf(run))['limits'] !== null);
    group.resize({ mebibytes: 300 });
    group.resize({ mebibytes: 320 });
    group.resize({ processors: 1.5 });
    const settled = await run.line('settled');
    assert.deepEqual([settled['action'], settled['signal']], ['signal', 'SIGUSR2']);
    await until('the signal', () => run.puppet.signals().length > 0, run.stderr);
    assert.deepEqual(run.puppet.signals(), ['SIGUSR2']);
    const from = run.lines().findIndex(({ event }) => event === 'resized');
    assert.ok(from >= 0 && from < run.lines().findIndex(({ event }) => event === 'settled'));
  });

  test('--on-resize exec: runs the command with the old and the new limits', async () => {
    await using group = makeControlGroup({ mebibytes: 256, processors: 1.5 });
    const names = ['OLD_MEMORY_LIMIT_BYTES', 'MEMORY_LIMIT_BYTES', 'OLD_CPU_LIMIT_CORES', 'CPU_LIMIT_CORES'];
    const hook = `exec:sh -c 'echo ${names.map((name) => `$K8S_RUN_${name}`).join(' ')}'`;
    await using run = await startPuppet([`--on-resize=${hook}`], group);
    await until('the first look', async () => (await statusOf(run))['limits'] !== null);
    group.resize({ mebibytes: 384, processors: 0.5 });
    const { output } = await run.line('hook', (line) => line['output'] !== undefined);
    assert.equal(output, `${256 * MIB} ${384 * MIB} 1.5 0.5`);
    const done = await run.line('hook', (line) => line['outcome'] === 'done');
    assert.equal(done['hook'], 'on-resize');
  });

  test('--on-resize restart starts the app again with the variables that fit, and no warning', async () => {
    await using group = makeControlGroup({ mebibytes: 256 });
    const app = ['sh', '-c', 'trap "exit 0" TERM; echo "$GOMEMLIMIT"; while :; do sleep 0.1; done'];
    const options = ['--ready', 'process', '--resource-env', '--on-resize', 'restart', '--shutdown-delay', '0'];
    await using run = start(options, app, group);
    await run.line('ready');
    await until('the first life', () => run.stdout() === '208MiB\n', run.stderr);
    await until('the first look', async () => (await statusOf(run))['limits'] !== null);
    group.resize({ mebibytes: 384 });
    await until('the second life', () => run.stdout() === '208MiB\n324MiB\n', run.stderr);
    await until('its line', () => run.events().filter((event) => event === 'spawned').length === 2, run.stderr);
    const told = ['resized', 'settled', 'terminating', 'stopping', 'restarting', 'spawned', 'warning'];
    assert.deepEqual(
      run.events().filter((event) => told.includes(event)),
      ['spawned', 'resized', 'settled', 'terminating', 'stopping', 'restarting', 'spawned'],
    );
    assert.equal((await run.line('terminating'))['because'], 'the resize of the container');
    run.kill('SIGTERM');
    assert.deepEqual(await run.ended(), { code: 0, signal: null });
  });

  test('an app that was started again after a resize has its limits, so it is not acted on', async () => {
    const hook = `--on-resize=exec:sh -c 'echo "from $K8S_RUN_OLD_MEMORY_LIMIT_BYTES"'`;
    // A busy machine may start it again when the limits have settled already.
    for (let tries = 0; tries < 5; tries += 1) {
      await using group = makeControlGroup({ mebibytes: 256 });
      await using run = start(['--ready=process', hook, '--restart=always'], ['sleep', '1000'], group);
      await run.line('ready');
      group.resize({ mebibytes: 300 });
      await run.line('resized');
      process.kill(await run.appPid(), 'SIGKILL');
      await until('the second app', () => run.events().filter((event) => event === 'ready').length === 2, run.stderr);
      const settled = run.events().indexOf('settled');
      if (settled >= 0 && settled < run.events().lastIndexOf('spawned')) continue;
      group.resize({ mebibytes: 400 });
      const { output } = await run.line('hook', (line) => 'output' in line);
      assert.equal(output, `from ${300 * MIB}`, 'only the second resize');
      return;
    }
    assert.fail('the limits had settled before each of five second starts');
  });

  test('one warning names the variables that no longer fit', async () => {
    await using group = makeControlGroup({ mebibytes: 256, processors: 1 });
    const env = { PATH: process.env['PATH'], GOMEMLIMIT: '100MiB' };
    await using run = start(['--ready', 'process', '--resource-env'], ['sleep', '1000'], { ...group, env });
    await run.line('ready');
    await until('the first look', async () => (await statusOf(run))['limits'] !== null);
    group.resize({ mebibytes: 384 });
    const warning = await run.line('warning', (line) => line['reason'] === 'resize');
    // GOMEMLIMIT is the user's own, and the others do not follow from memory.
    const names = ['NODE_OPTIONS', 'JAVA_TOOL_OPTIONS', 'DOTNET_GCHeapHardLimitPercent'];
    assert.deepEqual(warning['variables'], names);
    assert.match(
      warning.msg,
      /^NODE_OPTIONS, JAVA_TOOL_OPTIONS and DOTNET_GCHeapHardLimitPercent of sleep are sized for/,
    );
    assert.doesNotMatch(warning.msg, /max-old-space-size/);
    run.kill('SIGTERM');
    await run.ended();
    assert.equal(run.lines().filter(({ event }) => event === 'warning').length, 1);
  });

  test('k8s-run env shows what the app has beside what would be set now', async () => {
    await using group = makeControlGroup({ mebibytes: 256 });
    const env = { PATH: process.env['PATH'], UV_THREADPOOL_SIZE: '9' };
    const shown = async (...words: readonly string[]): Promise<string> => {
      const run = await finishWords(['env', ...words], { prefix: group.prefix, env });
      assert.deepEqual([run.code, run.stderr], [0, '']);
      return run.stdout;
    };
    assert.equal(JSON.parse(await shown('--json')).app, null);
    assert.doesNotMatch(await shown(), /The app that runs/);
    for (const off of [[], ['--health-port=off']]) {
      const options = [...off, '--ready', 'process', '--resource-env', '--node-drain'];
      group.resize({ mebibytes: 256 });
      // An orphan and a hook are children of k8s-run as well.
      const app = ['sh', '-c', '(sleep 1000 &); exec sleep 1000'];
      await using run = start(options, app, { ...group, env });
      await run.line('ready');
      const pid = await run.appPid();
      await until('the app', async () => (await shown()).includes(`The app that runs (sleep, process ${pid})`));
      assert.match(await shown(), /\nThe app that runs \(sleep, process \d+\) has what fits\n$/);
      group.resize({ mebibytes: 384 });
      const text = await shown();
      assert.match(text, /\n {2}GOMEMLIMIT=324MiB .*\nThe app that runs \(sleep, process \d+\) has other values, /s);
      assert.match(text, /\n {2}GOMEMLIMIT=208MiB +now it would be 324MiB\n/);
      assert.match(
        text,
        /\n {2}NODE_OPTIONS=--max-old-space-size=174 --require \S+ +now it would be --max-old-space-size=270\n/,
      );
      const json = JSON.parse(await shown('--json'));
      assert.deepEqual([json.app.pid, json.app.program, json.app.variables.GOMEMLIMIT], [pid, 'sleep', '208MiB']);
      assert.deepEqual(Object.keys(json.app.variables).sort(), [
        ...['DOTNET_GCHeapHardLimitPercent', 'GOMEMLIMIT', 'JAVA_TOOL_OPTIONS', 'NODE_OPTIONS'],
      ]);
    }
    await using plain = start(['--ready', 'process'], ['sleep', '1000'], { ...group, env });
    await plain.line('ready');
    assert.match(await shown(), /\nThe app that runs \(sleep, process \d+\) has none of these: /);
  });

  test('--on-resize without a control group is warned of', { skip: needs('unshare') }, async () => {
    const prefix = ['unshare', '--mount', 'sh', '-c', 'umount --lazy --recursive /sys/fs/cgroup && exec "$@"', 'sh'];
    await using run = start(['--ready', 'process', '--on-resize', 'HUP'], ['sleep', '1000'], { prefix });
    const warning = await run.line('warning');
    assert.match(warning.msg, /^--on-resize has no effect: there is no control group/);
    assert.equal((await statusOf(run))['limits'], null);
  });

  test('a resize during the shutdown is said, and nothing is done about it', async () => {
    await using group = makeControlGroup({ mebibytes: 256 });
    const options = ['--ready', 'process', '--shutdown-delay', '1000s', '--on-resize', 'USR2'];
    await using run = await startPuppet(options, group);
    await run.puppet.tell({ do: 'catch', signals: ['SIGUSR2'] });
    await run.line('ready');
    await until('the first look', async () => (await statusOf(run))['limits'] !== null);
    run.kill('SIGTERM');
    await run.line('terminating');
    group.resize({ mebibytes: 384 });
    await run.line('resized', (line) => line['memoryLimitBytes'] === 384 * MIB);
    // By the time of another look, after a quiet time, the first one would have settled.
    await until('a quiet time', async () => {
      const { limits } = (await statusOf(run)) as { limits: { resized: { agoMs: number } } };
      return limits.resized.agoMs > 4_000;
    });
    group.resize({ mebibytes: 300 });
    await run.line('resized', (line) => line['memoryLimitBytes'] === 300 * MIB);
    await run.puppet.tell({ do: 'exit', code: 5 }).catch(() => {});
    assert.equal((await run.ended()).code, 5);
    assert.ok(!run.events().includes('settled'));
    assert.deepEqual(run.puppet.signals(), []);
  });
});
