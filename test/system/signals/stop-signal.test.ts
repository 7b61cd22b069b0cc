import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startPuppet } from '../../rig/puppet.ts';

const SOON = ['--shutdown-delay', '0s'];

test('TERM and INT start the shutdown, and the app gets the one that was received', async () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    await using run = await startPuppet(SOON);
    await run.puppet.tell({ do: 'exitOn', signal, code: 7 });
    run.kill(signal);
    assert.equal((await run.ended()).code, 7);
    assert.equal((await run.line('stopping'))['signal'], signal);
  }
});

test('--stop-on names the signals that start the shutdown; any other is passed on', async () => {
  await using run = await startPuppet([...SOON, '--stop-on', 'QUIT,usr2']);
  await run.puppet.tell({ do: 'catch', signals: ['SIGTERM', 'SIGINT'] });
  await run.puppet.tell({ do: 'exitOn', signal: 'SIGUSR2', code: 8 });
  run.kill('SIGTERM');
  await run.puppet.received('SIGTERM');
  run.kill('SIGINT');
  await run.puppet.received('SIGINT');
  assert.ok(!run.events().includes('stopping'));
  run.kill('SIGUSR2');
  assert.equal((await run.ended()).code, 8);
  assert.equal((await run.line('stopping'))['signal'], 'SIGUSR2');
});

test('with --stop-on none signals are passed on and start no shutdown, as with tini', async () => {
  await using run = await startPuppet(['--stop-on', 'none', '--shutdown-delay', '1h']);
  await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 7 });
  await run.puppet.tell({ do: 'listen', port: 0 });
  await run.line('ready');
  run.kill('SIGTERM');
  assert.equal((await run.ended()).code, 7);
  const exited = await run.line('exited');
  assert.equal(exited['cause'], 'exited');
  assert.equal(exited['passedOn'], undefined, 'whoever asked for none needs no hint');
  assert.ok(!run.events().includes('stopping'));
});

test('with --stop-signal the app gets that signal instead of the one received', async () => {
  await using run = await startPuppet([...SOON, '--stop-signal', 'QUIT']);
  await run.puppet.tell({ do: 'catch', signals: ['SIGTERM'] });
  await run.puppet.tell({ do: 'exitOn', signal: 'SIGQUIT', code: 7 });
  run.kill('SIGTERM');
  assert.equal((await run.ended()).code, 7);
  assert.deepEqual(run.puppet.signals(), []);
});

test('--rewrite changes the stop signal that the app gets, while --stop-on sees the one received', async () => {
  await using run = await startPuppet([...SOON, '--rewrite', 'TERM:WINCH']);
  await run.puppet.tell({ do: 'catch', signals: ['SIGTERM'] });
  await run.puppet.tell({ do: 'exitOn', signal: 'SIGWINCH', code: 7 });
  run.kill('SIGTERM');
  assert.equal((await run.ended()).code, 7);
  assert.deepEqual(run.puppet.signals(), []);
  assert.equal((await run.line('stopping'))['signal'], 'SIGWINCH');
});

test('--rewrite changes a signal that is passed on, and drops one that it makes 0', async () => {
  await using run = await startPuppet(['--rewrite', 'HUP:USR2', '--rewrite=QUIT:0', '--rewrite', 'USR2:USR1']);
  await run.puppet.tell({ do: 'catch', signals: ['SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGQUIT', 'SIGWINCH'] });
  run.kill('SIGQUIT');
  await run.line('signal', (line) => line['signal'] === 'SIGQUIT' && line['outcome'] === 'dropped');
  run.kill('SIGHUP');
  await run.puppet.received('SIGUSR2');
  run.kill('SIGUSR2');
  await run.puppet.received('SIGUSR1');
  assert.deepEqual(run.puppet.signals(), ['SIGUSR2', 'SIGUSR1'], 'rewritten once, not again');
});

test('when the app exits after a signal that was passed on, exited warns and names --stop-on', async () => {
  await using run = await startPuppet([]);
  await run.puppet.tell({ do: 'exitOn', signal: 'SIGQUIT', code: 0 });
  run.kill('SIGQUIT');
  assert.equal((await run.ended()).code, 0);
  const exited = await run.line('exited');
  assert.deepEqual([exited.level, exited['passedOn']], ['warn', 'SIGQUIT']);
  assert.match(exited.msg, /--stop-on QUIT,TERM,INT/);
});

test('the --stop-on that exited proposes has each signal once', async () => {
  await using run = await startPuppet(['--stop-on', 'USR1']);
  run.kill('SIGTERM');
  assert.equal((await run.ended()).code, 143);
  assert.match((await run.line('exited')).msg, /--stop-on TERM,INT$/);
});

test('during the shutdown a signal that is no stop signal is passed on', async () => {
  await using run = await startPuppet(['--shutdown-delay', '1h']);
  await run.puppet.tell({ do: 'catch', signals: ['SIGHUP'] });
  await run.puppet.tell({ do: 'exitOn', signal: 'SIGUSR1', code: 7 });
  await run.puppet.tell({ do: 'listen', port: 0 });
  await run.line('ready');
  run.kill('SIGTERM');
  await run.line('terminating');
  run.kill('SIGHUP');
  await run.puppet.received('SIGHUP');
  run.kill('SIGUSR1');
  assert.equal((await run.ended()).code, 7);
});
