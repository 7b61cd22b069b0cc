import assert from 'node:assert/strict';
import { rename, rm } from 'node:fs/promises';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { finish } from '../../rig/finished.ts';
import { mountedVolume } from '../../rig/mounted-volume.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { isRunning, start } from '../../rig/supervised.ts';

test('--on-change sends the app HUP, or the chosen signal, once for each change', async () => {
  for (const [options, signal] of [
    [[], 'SIGHUP'],
    [['--on-change=USR2'], 'SIGUSR2'],
  ] as const) {
    await using volume = await mountedVolume({ A: '1' });
    await using run = await startPuppet([`--watch=${volume.path}`, ...options]);
    await run.puppet.tell({ do: 'catch', signals: ['SIGHUP', 'SIGUSR2'] });
    await run.puppet.tell({ do: 'catch', signals: [] });
    await volume.swap({ A: '2' });
    await until('the signal', () => run.puppet.signals().length === 1);
    assert.deepEqual(run.puppet.signals(), [signal]);
    const changed = await run.line('changed');
    assert.deepEqual([changed['path'], changed['signal']], [volume.path, signal]);
    await volume.swap({ A: '3' });
    await until('the second', () => run.puppet.signals().length === 2);
  }
});

test('--on-change restart runs the phases of a shutdown, and the app then has the new content', async () => {
  await using volume = await mountedVolume({ COLOUR: 'red' });
  const options = [
    `--env-dir=${volume.path}`,
    `--watch=${volume.path}`,
    '--on-change=restart',
    '--shutdown-delay=100ms',
  ];
  const app = "trap 'exit 0' TERM; echo $COLOUR; while :; do sleep 0.05; done";
  await using run = start([...options, '--ready=none'], ['sh', '-c', app]);
  await run.line('ready');
  await until('the first life', () => run.stdout() === 'red\n');
  await volume.swap({ COLOUR: 'green' });
  await until('the second life', () => run.stdout() === 'red\ngreen\n', run.stderr);
  await until('the log line', () => run.events().filter((event) => event === 'spawned').length === 2);
  const events = run
    .events()
    .filter((event) => ['changed', 'terminating', 'stopping', 'restarting', 'spawned'].includes(event));
  assert.deepEqual(events, ['spawned', 'changed', 'terminating', 'stopping', 'restarting', 'spawned']);
  run.kill('SIGTERM');
  assert.deepEqual(await run.ended(), { code: 0, signal: null });
});

test('a stop signal during a restart by --on-change makes it a shutdown', async () => {
  await using volume = await mountedVolume({ A: '1' });
  const options = [`--watch=${volume.path}`, '--on-change=restart', '--shutdown-delay=1000s', '--ready=none'];
  await using run = await startPuppet([...options, '--stop-on=TERM,USR1']);
  await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 4 });
  await run.line('ready');
  await volume.swap({ A: '2' });
  await run.line('terminating');
  run.kill('SIGUSR1');
  await run.line('signal', (line) => line['outcome'] === 'stops');
  await run.puppet.tell({ do: 'exit', code: 4 }).catch(() => {});
  assert.deepEqual(await run.ended(), { code: 4, signal: null });
  assert.equal(run.events().filter((event) => event === 'spawned').length, 1);
});

test('a change before the app is started is part of its environment', async () => {
  await using volume = await mountedVolume({ COLOUR: 'red', 'no-name': '' });
  const swap = `mkdir ..new && printf green >..new/COLOUR && ln -s ..new tmp && mv -T tmp ..data`;
  const options = [`--env-dir=${volume.path}`, `--pre-start=sh -c 'cd ${volume.path} && ${swap}'`];
  const ended = await finish(options, ['sh', '-c', 'echo $COLOUR']);
  assert.deepEqual([ended.code, ended.stdout], [0, 'green\n'], ended.stderr);
});

test('--env-dir that cannot be read at a restart leaves the old variables, with a warning', async () => {
  await using volume = await mountedVolume({ COLOUR: 'red' });
  await using trigger = await mountedVolume({ A: '1' });
  const app = "trap 'exit 0' TERM; echo $COLOUR; while :; do sleep 0.05; done";
  const options = [`--env-dir=${volume.path}`, `--watch=${trigger.path}`, '--on-change=restart', '--shutdown-delay=0'];
  await using run = start([...options, '--ready=none'], ['sh', '-c', app]);
  await run.line('ready');
  await until('the first life', () => run.stdout() === 'red\n');
  await rename(volume.path, `${volume.path}.away`);
  try {
    await trigger.swap({ A: '2' });
    await until('the second life', () => run.stdout() === 'red\nred\n', run.stderr);
    const warned = await run.line('warning', (line) => line.msg.includes('--env-dir'));
    assert.match(warned.msg, /starts with the variables it had before/);
  } finally {
    await rm(`${volume.path}.away`, { recursive: true, force: true });
  }
});

test('--on-change exec: runs the command for each change, and its failure is only a warning', async () => {
  await using volume = await mountedVolume({ A: '1' });
  const hook = `exec:sh -c 'cat ${volume.path}/A; test "$(cat ${volume.path}/A)" != bad'`;
  await using run = await startPuppet([`--watch=${volume.path}`, `--on-change=${hook}`]);
  await volume.swap({ A: 'good' });
  await run.line('hook', (line) => line['output'] === 'good');
  await run.line('hook', (line) => line['outcome'] === 'done');
  await volume.swap({ A: 'bad' });
  const failed = await run.line('hook', (line) => line['outcome'] === 'failed');
  assert.equal(failed.level, 'warn');
  await run.puppet.tell({ do: 'exit', code: 0 }).catch(() => {});
  assert.equal((await run.ended()).code, 0);
});

test('a command of --on-change exec: that still runs when the app exits does not outlive k8s-run', async () => {
  await using volume = await mountedVolume({ A: '1' });
  const hook = "exec:sh -c 'echo $$; exec sleep 1000'";
  await using run = await startPuppet([`--watch=${volume.path}`, `--on-change=${hook}`, '--hook-timeout=1000s']);
  await volume.swap({ A: '2' });
  const { output } = await run.line('hook', (line) => line['output'] !== undefined);
  await volume.swap({ A: '3' });
  await until('the second change', () => run.events().filter((event) => event === 'changed').length === 2, run.stderr);
  await run.puppet.tell({ do: 'exit', code: 6 }).catch(() => {});
  assert.deepEqual(await run.ended(), { code: 6, signal: null });
  await until('the end of the command', async () => !(await isRunning(Number(output))));
  assert.equal(run.lines().filter((line) => line['output'] !== undefined).length, 1);
});
