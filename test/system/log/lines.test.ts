import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startPuppet } from '../../rig/puppet.ts';
import { start } from '../../rig/supervised.ts';

const EXIT_3 = ['sh', '-c', 'exit 3'];

test('every line of the log is one JSON object with time, level, severity, event and msg', async () => {
  await using run = await startPuppet(['--ready', 'none', '--shutdown-delay', '10ms', '--rewrite', 'HUP:0']);
  await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 0 });
  await run.line('ready');
  run.kill('SIGHUP');
  await run.line('signal');
  run.kill('SIGTERM');
  await run.ended();
  await run.line('exited');
  const texts = run.stderr().split('\n');
  assert.equal(texts.pop(), '');
  assert.ok(texts.length >= 8);
  for (const text of texts) {
    const { time, level, severity, event, msg } = JSON.parse(text);
    assert.equal(new Date(time).toISOString(), time);
    assert.deepEqual([level, severity], ['info', 'INFO']);
    assert.match(event, /^[a-z]+$/);
    assert.match(msg, /^\w/);
  }
  assert.equal(JSON.parse(texts.at(-1) ?? '').event, 'exited');
});

test('the last line of the log has the code, the signal, the cause and the duration of each phase', async () => {
  await using run = start([], ['sh', '-c', 'kill -KILL $$']);
  assert.equal((await run.ended()).code, 137);
  const line = await run.line('exited');
  assert.deepEqual(
    [line.level, line['severity'], line['code'], line['signal'], line['cause'], line['oomKilled']],
    ['warn', 'WARNING', 137, 'SIGKILL', 'signalled', false],
  );
  assert.deepEqual(Object.keys(line['phases'] as object), ['preparingMs', 'runningMs', 'leftoversMs']);
});

test('--log-level leaves out the events below that level', async () => {
  for (const [level, least] of [
    ['debug', 'exited'],
    ['info', 'exited'],
    ['warn', 'none'],
    ['error', 'none'],
    ['silent', 'none'],
  ] as const) {
    await using run = start(['--log-level', level], EXIT_3);
    assert.equal((await run.ended()).code, 3);
    if (least === 'none') assert.equal(run.stderr(), '');
    else await run.line(least);
  }
  await using failed = start(['--log-level', 'error'], ['/no/such/program']);
  assert.equal((await failed.ended()).code, 127);
  assert.equal((await failed.line('exited')).level, 'error');
  await using silent = start(['--log-level', 'silent'], ['/no/such/program']);
  assert.equal((await silent.ended()).code, 127);
  assert.equal(silent.stderr(), '');
});

test('a pretty line has the time of day, the event and the message, and no colour without a terminal', async () => {
  await using run = start(['--log-format', 'pretty'], EXIT_3);
  assert.equal((await run.ended()).code, 3);
  const lines = run.stderr().trimEnd().split('\n');
  assert.ok(lines.length >= 3);
  for (const line of lines) assert.match(line, /^\d\d:\d\d:\d\d\.\d{3} [a-z]+ +\w/);
  assert.match(lines.at(-1) ?? '', / exited {7}sh exited with 3$/);
  assert.ok(!run.stderr().includes('\u001b'));
});

test('the app gets stdout and stderr unchanged, and k8s-run writes nothing to stdout', async () => {
  await using run = start([], ['sh', '-c', 'echo out; echo err >&2']);
  assert.equal((await run.ended()).code, 0);
  await run.line('exited');
  assert.equal(run.stdout(), 'out\n');
  assert.ok(run.stderr().split('\n').includes('err'));
});
