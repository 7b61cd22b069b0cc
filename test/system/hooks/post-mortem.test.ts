import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { dispositionOf, listProcesses } from '../../../src/linux/procfs.ts';
import { type ControlGroup, makeControlGroup, noControlGroup } from '../../rig/control-group.ts';
import { until } from '../../rig/deadline.ts';
import { firstIn, NAMESPACE, noNamespace } from '../../rig/namespace.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { type Line, type Supervised, start } from '../../rig/supervised.ts';
import { makeTree } from '../../rig/tree.ts';

/** A file that makes the app alive, and options by which it is not as soon as the file is gone. */
function life(): { readonly options: readonly string[]; readonly end: () => void; readonly begin: () => void } & {
  readonly root: string;
} & Disposable {
  const tree = makeTree({ alive: '' });
  const file = join(tree.root, 'alive');
  return {
    root: tree.root,
    options: [
      `--live=file:${file}`,
      '--ready=process',
      '--probe-period=50ms',
      '--probe-timeout=60s',
      '--failure-threshold=1',
    ],
    end: () => rmSync(file),
    begin: () => writeFileSync(file, ''),
    [Symbol.dispose]: () => tree[Symbol.dispose](),
  };
}

const statusOf = async (run: Supervised, path: string): Promise<number> => (await run.get(path)).status;
const told = async (run: Supervised): Promise<{ readonly [key: string]: unknown }> =>
  JSON.parse((await run.get('/statusz')).body);
const standingOf = async (run: Supervised, hook: string): Promise<Readonly<Record<string, unknown>>> =>
  ((await told(run))['hooks'] as Readonly<Record<string, Readonly<Record<string, unknown>>>>)[hook] ?? {};
const outcomesOf = (run: Supervised, hook: string): readonly unknown[] =>
  run
    .lines()
    .filter((line) => line['hook'] === hook && 'outcome' in line)
    .map((line) => line['outcome']);
const outcome = (run: Supervised, hook: string, wanted: string): Promise<Line> =>
  run.line('hook', (line) => line['hook'] === hook && line['outcome'] === wanted);
const isRunning = (program: string, parent: number): boolean =>
  listProcesses().some((each) => each.program === program && each.parent === parent);

describe('--on-unlive', () => {
  test('a command looks at the app, and liveness passes until it has ended', async () => {
    using alive = life();
    const script = `echo "$K8S_RUN_HOOK {pid} $K8S_RUN_APP_PID $K8S_RUN_REASON"; until [ -e ${alive.root}/go ]; do sleep 0.02; done; echo /dumps/heap`;
    const options = [`--on-unlive=sh -c '${script}'`, '--hook-timeout=1000s', ...alive.options];
    await using run = start(options, ['sleep', '1000']);
    await run.line('ready');
    assert.equal((await standingOf(run, 'on-unlive'))['kind'], 'waiting');
    alive.end();
    const unlive = await run.line('unlive');
    const pid = await run.appPid();
    await run.line('hook', (line) => line['output'] === `on-unlive ${pid} ${pid} ${unlive['reason']}`);
    assert.deepEqual([await statusOf(run, '/livez'), await statusOf(run, '/healthz')], [200, 200]);
    const status = await told(run);
    assert.equal(status['livenessHeldBy'], 'on-unlive');
    assert.equal((await standingOf(run, 'on-unlive'))['kind'], 'runs');
    writeFileSync(join(alive.root, 'go'), '');
    const done = await outcome(run, 'on-unlive', 'done');
    assert.equal(done['account'], 'sh: /dumps/heap');
    assert.deepEqual([await statusOf(run, '/livez'), await statusOf(run, '/healthz')], [503, 503]);
    assert.ok(!('livenessHeldBy' in (await told(run))));
    assert.deepEqual(await standingOf(run, 'on-unlive').then(({ kind, account }) => [kind, account]), [
      'done',
      'sh: /dumps/heap',
    ]);
  });

  test('it runs once in a life, and again after a restart in place', async () => {
    using alive = life();
    const options = ['--on-unlive=true', '--restart=always', ...alive.options];
    await using run = start(options, ['sleep', '1000']);
    await run.line('ready');
    alive.end();
    await outcome(run, 'on-unlive', 'done');
    alive.begin();
    await run.line('live');
    alive.end();
    await until('unlive again', () => run.events().filter((event) => event === 'unlive').length === 2, run.stderr);
    assert.equal(await statusOf(run, '/livez'), 503, 'the second time the kubelet need not wait');
    assert.deepEqual(outcomesOf(run, 'on-unlive'), ['runs', 'done']);
    process.kill(await run.appPid(), 'SIGKILL');
    await run.line('restarting');
    await until('another run', () => outcomesOf(run, 'on-unlive').length === 4, run.stderr);
  });

  test('a command that does not end is killed at its limit with all that it has started, and liveness fails', async () => {
    using alive = life();
    const hook = `--on-unlive=sh -c 'sleep 1000 & echo $! >${alive.root}/child; sleep 1000'`;
    await using run = start([hook, '--hook-timeout=8s', ...alive.options], ['sleep', '1000']);
    await run.line('ready');
    alive.end();
    assert.match(String((await outcome(run, 'on-unlive', 'failed')).msg), /it did not finish within 8000 ms$/);
    assert.equal(await statusOf(run, '/livez'), 503);
    await until('the shell is gone', () => !isRunning('sh', run.pid), run.stderr);
    const child = readFileSync(join(alive.root, 'child'), 'utf8').trim();
    await until('its child is gone', () => !existsSync(`/proc/${child}/cwd`), run.stderr);
    run.kill('SIGTERM');
    assert.equal((await run.ended()).code, 143);
  });

  test('a command that cannot be started, or fails, has failed, and liveness fails', async () => {
    for (const [hook, why] of [
      ['/no/such/program {pid}', /cannot run \/no\/such\/program/],
      ["sh -c 'echo no room; exit 3'", /sh exited with 3: no room/],
    ] as const) {
      using alive = life();
      await using run = start([`--on-unlive=${hook}`, ...alive.options], ['sleep', '1000']);
      await run.line('ready');
      alive.end();
      assert.match((await outcome(run, 'on-unlive', 'failed')).msg, why);
      assert.equal(await statusOf(run, '/livez'), 503);
    }
  });

  test('a signal goes to the app, which has the limit to write', async () => {
    using alive = life();
    await using run = await startPuppet(['--on-unlive=signal:USR2', '--hook-timeout=2s', ...alive.options]);
    await run.puppet.tell({ do: 'catch', signals: ['SIGUSR2'] });
    await run.line('ready');
    alive.end();
    const sent = await outcome(run, 'on-unlive', 'sent');
    assert.equal(sent['account'], `sent SIGUSR2 to node (process ${run.puppet.pid})`);
    await run.puppet.received('SIGUSR2');
    await until('the end of the limit', async () => (await statusOf(run, '/livez')) === 503, run.stderr);
    assert.equal((await standingOf(run, 'on-unlive'))['kind'], 'done');
    assert.deepEqual(run.puppet.signals(), ['SIGUSR2']);
    assert.match((await run.get('/metrics')).body, /^k8s_run_signals_forwarded_total\{signal="SIGUSR2"\} 1$/m);
  });

  test('a signal goes past a shell and npm-like wrappers to what catches it', async () => {
    using alive = life();
    const program = `process.on("SIGUSR2", () => console.log("dumped")); console.log("up"); setInterval(() => 0, 1e6)`;
    const app = ['sh', '-c', `"${process.execPath}" -e '${program}'; echo over`];
    await using run = start(['--on-unlive=signal:USR2', '--hook-timeout=500ms', ...alive.options], app);
    await until('the app is up', () => run.stdout().includes('up'), run.stderr);
    alive.end();
    await until('the dump', () => run.stdout().includes('dumped'), run.stderr);
    assert.match(
      String((await outcome(run, 'on-unlive', 'sent'))['account']),
      /^sent SIGUSR2 to node \(process \d+\)$/,
    );
    assert.ok(!run.stdout().includes('over'));
  });

  test('a signal that nobody catches is not sent, because it would end the app', async () => {
    using alive = life();
    await using run = start(['--on-unlive=signal:QUIT', ...alive.options], ['sleep', '1000']);
    await run.line('ready');
    alive.end();
    const failed = await outcome(run, 'on-unlive', 'failed');
    assert.match(failed.msg, /no process of the app catches SIGQUIT: the first one, sleep, would end$/);
    assert.equal(await statusOf(run, '/livez'), 503);
    assert.ok(!run.events().includes('exited'));
  });

  test('a signal that the app ignores does not hold liveness', async () => {
    using alive = life();
    const app = ['sh', '-c', "trap '' HUP; exec sleep 1000"];
    await using run = start(['--on-unlive=signal:HUP', '--hook-timeout=1000s', ...alive.options], app);
    await run.line('ready');
    const pid = await run.appPid();
    await until('the trap', () => dispositionOf(pid, constants.signals.SIGHUP) === 'ignored', run.stderr);
    alive.end();
    assert.match((await outcome(run, 'on-unlive', 'failed')).msg, /ignores it$/);
    assert.equal(await statusOf(run, '/livez'), 503);
  });

  test('an exit by the signal is explained in exited and in the termination message', async () => {
    using alive = life();
    const log = join(alive.root, 'termination-log');
    const options = ['--on-unlive=signal:USR2', `--termination-log=${log}`, ...alive.options];
    await using run = await startPuppet(options);
    await run.puppet.tell({ do: 'exitOn', signal: 'SIGUSR2', code: 9 });
    await run.line('ready');
    alive.end();
    assert.equal((await run.ended()).code, 9);
    const exited = await run.line('exited');
    assert.deepEqual([exited['passedOn'], exited['passedOnFor']], ['SIGUSR2', '--on-unlive']);
    const [first, ...lines] = readFileSync(log, 'utf8').split('\n');
    assert.equal(first, 'node exited with 9 after SIGUSR2, which it was sent because of --on-unlive');
    const line = lines.find((text) => text.startsWith('post-mortem: '));
    assert.match(
      line ?? '',
      /^post-mortem: --on-unlive, [\d.]+m?s before the exit: sent SIGUSR2 to node \(process \d+\)$/,
    );
  });
});

describe('--before-kill', () => {
  const now = ['--shutdown-delay=0', '--drain-connections=off', '--grace=100ms', '--ready=none'];

  test('a command runs at the end of the grace, then the app is killed; the termination message has its last line', async () => {
    using tree = makeTree({});
    const log = join(tree.root, 'termination-log');
    const hook = `--before-kill=sh -c 'kill -0 {pid} && echo the app is there; echo "$K8S_RUN_REASON"; echo ${tree.root}/core'`;
    await using run = await startPuppet([hook, ...now, `--termination-log=${log}`]);
    await run.puppet.tell({ do: 'catch', signals: ['SIGTERM'] });
    run.kill('SIGTERM');
    assert.equal((await run.ended()).code, 137);
    const events = run.events();
    const [stopping, hooked, killing] = ['stopping', 'hook', 'killing'].map((event) => events.indexOf(event));
    assert.ok(Number(stopping) < Number(hooked) && Number(hooked) < Number(killing), events.join());
    const printed = run.lines().flatMap((line) => ('output' in line ? [line['output']] : []));
    assert.deepEqual(printed, ['the app is there', 'the grace is over', `${tree.root}/core`]);
    const exited = await run.line('exited');
    assert.ok('beforeKillMs' in (exited['phases'] as object));
    assert.match(readFileSync(log, 'utf8'), new RegExp(`^post-mortem: --before-kill, .*: sh: ${tree.root}/core$`, 'm'));
  });

  test('a command that does not end does not keep SIGKILL from the app', async () => {
    await using run = await startPuppet(['--before-kill=sleep 1000', '--hook-timeout=8s', ...now]);
    await run.puppet.tell({ do: 'catch', signals: ['SIGTERM'] });
    run.kill('SIGTERM');
    const state = await until(
      'the state',
      async () => {
        const status = await told(run).catch(() => null);
        return status?.['state'] === 'beforeKill' ? status : null;
      },
      run.stderr,
    );
    assert.ok(Number((state['shutdown'] as Record<string, unknown>)['killInMs']) <= 8_000);
    assert.equal((await run.ended()).code, 137);
    assert.deepEqual(outcomesOf(run, 'before-kill'), ['runs', 'failed']);
    const { msg } = await outcome(run, 'before-kill', 'failed');
    assert.match(msg, /it did not finish within 8000 ms$/);
  });

  test('what a command had printed stands in the termination message, also if it ends the app or is killed', async () => {
    for (const [rest, timeout, why] of [
      ['kill -ABRT {pid}; sleep 1000', '1000s', 'the app has exited'],
      ['sleep 1000', '8s', 'it did not finish within 8000 ms'],
    ]) {
      using tree = makeTree({});
      const log = join(tree.root, 'termination-log');
      const hook = `--before-kill=sh -c 'echo /dumps/core.1; ${rest}'`;
      await using run = await startPuppet([hook, `--hook-timeout=${timeout}`, ...now, `--termination-log=${log}`]);
      await run.puppet.tell({ do: 'catch', signals: ['SIGTERM'] });
      run.kill('SIGTERM');
      await run.ended();
      const text = readFileSync(log, 'utf8');
      assert.ok(text.includes(`before the exit: failed: ${why}; it had printed: /dumps/core.1\n`), text);
    }
  });

  test('an app that exits meanwhile ends the hook, and has its own exit code', async () => {
    await using run = await startPuppet(['--before-kill=sleep 1000', '--hook-timeout=1000s', ...now]);
    await run.puppet.tell({ do: 'catch', signals: ['SIGTERM'] });
    run.kill('SIGTERM');
    await outcome(run, 'before-kill', 'runs');
    await until('the command', () => isRunning('sleep', run.pid), run.stderr);
    await run.puppet.tell({ do: 'exit', code: 4 });
    assert.equal((await run.ended()).code, 4);
    assert.ok(!run.events().includes('killing'));
    assert.match((await outcome(run, 'before-kill', 'failed')).msg, /the app has exited$/);
    await until('the command is gone', () => !isRunning('sleep', run.pid), run.stderr);
  });

  test('a signal gives the app its limit to write, or until it exits', async () => {
    await using run = await startPuppet(['--before-kill=signal:QUIT', '--hook-timeout=1000s', ...now]);
    await run.puppet.tell({ do: 'catch', signals: ['SIGTERM'] });
    await run.puppet.tell({ do: 'exitOn', signal: 'SIGQUIT', code: 2 });
    run.kill('SIGTERM');
    assert.equal((await run.ended()).code, 2);
    assert.ok(!run.events().includes('killing'));
    assert.deepEqual(outcomesOf(run, 'before-kill'), ['runs', 'sent']);
  });

  test('a signal that dumps core ends an app that does not catch it; another one is not sent', async () => {
    const app = ['sh', '-c', "trap '' TERM; echo up; while :; do sleep 0.05; done"];
    for (const [signal, code, last] of [
      ['ABRT', 134, 'sent'],
      ['USR2', 137, 'failed'],
    ] as const) {
      await using run = start([`--before-kill=signal:${signal}`, ...now], app);
      await until('the app is up', () => run.stdout().includes('up'), run.stderr);
      run.kill('SIGTERM');
      assert.equal((await run.ended()).code, code, run.stderr());
      assert.deepEqual(outcomesOf(run, 'before-kill'), ['runs', last]);
    }
  });

  test('an app that exits within the grace is not looked at', async () => {
    await using run = await startPuppet(['--before-kill=true', '--shutdown-delay=0', '--ready=none']);
    await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 0 });
    run.kill('SIGTERM');
    assert.equal((await run.ended()).code, 0);
    assert.deepEqual(outcomesOf(run, 'before-kill'), []);
  });

  test('as PID 1 of a namespace the command and the signal find the app', { skip: noNamespace }, async () => {
    const app = ['sh', '-c', "trap '' TERM; trap 'echo dumped' USR2; echo up; while :; do sleep 0.05; done"];
    for (const hook of ["sh -c 'kill -USR2 {pid}; sleep 1000'", 'signal:USR2']) {
      await using run = start([`--before-kill=${hook}`, '--hook-timeout=1000s', ...now], app, { prefix: NAMESPACE });
      await until('the app is up', () => run.stdout().includes('up'), run.stderr);
      process.kill(await firstIn(run.pid), 'SIGTERM');
      await until('the dump', () => run.stdout().includes('dumped'), run.stderr);
    }
  });
});

describe('--on-memory', { skip: noControlGroup }, () => {
  /** Takes this many bytes, and keeps them. */
  const holding = (mebibytes: number): readonly string[] => [
    process.execPath,
    '-e',
    `const held = []; for (let n = 0; n < ${mebibytes}; n += 1) held.push(Buffer.alloc(2 ** 20, 1)); process.on('SIGUSR2', () => console.log('dumped')); console.log('up'); setInterval(() => held.length, 1e6);`,
  ];

  /** Once the app holds what it takes, lowers the limit to just above that. */
  async function nearLimit(run: Supervised, group: ControlGroup): Promise<void> {
    await until('the app is up', () => run.stdout().includes('up'), run.stderr);
    await run.line('ready');
    assert.deepEqual(outcomesOf(run, 'on-memory'), []);
    const used = Number(/^rss (\d+)|^anon (\d+)/m.exec(readFileSync(`${group.memoryFolder}/memory.stat`, 'utf8'))?.[1]);
    group.resize({ mebibytes: Math.ceil((used || 200 * 2 ** 20) / 2 ** 20) + 12 });
  }

  test('a command runs when memory reaches 90 % of the limit, after a resize of the new one', async () => {
    await using group = makeControlGroup({ mebibytes: 512 });
    const hook = `--on-memory=sh -c 'echo "$K8S_RUN_REASON"'`;
    await using run = start(['--ready=process', hook], holding(100), group);
    await nearLimit(run, group);
    const line = await run.line('hook', (each) => 'output' in each);
    assert.match(String(line['output']), /^memory is at \d+ % of its limit, \d+ MiB of \d+ MiB$/);
    await outcome(run, 'on-memory', 'done');
  });

  test('a signal is sent to the app', async () => {
    await using group = makeControlGroup({ mebibytes: 512 });
    await using run = start(['--ready=process', '--on-memory=signal:USR2'], holding(100), group);
    await nearLimit(run, group);
    await until('the dump', () => run.stdout().includes('dumped'), run.stderr);
    await outcome(run, 'on-memory', 'sent');
  });

  test('without a memory limit a warning says that it has no effect', async () => {
    await using none = makeControlGroup({ processors: 1 });
    await using without = start(['--ready=process', '--on-memory=signal:USR2'], ['sleep', '1000'], none);
    await without.line('warning', ({ msg }) => msg.startsWith('--on-memory has no effect'));
  });
});
