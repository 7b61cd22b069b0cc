import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { start } from '../../rig/supervised.ts';

test('the log names what a wrapper or a script has executed', async () => {
  await using run = start(['--ready', 'file:/no/such/file'], ['sh', '-c', 'exec sleep 1000']);
  const { program, pid } = await run.line('spawned');
  assert.equal(program, 'sh');
  await until('it has executed sleep', () => readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('sleep\0'));
  run.kill('SIGTERM');
  assert.equal((await run.ended()).code, 143);
  assert.match((await run.line('stopping')).msg, /^Sending SIGTERM to sleep;/);
  const exited = await run.line('exited');
  assert.equal(exited['program'], 'sleep');
  assert.match(exited.msg, /^sleep was ended by SIGTERM/);
});

test('/statusz names it too, some time after the start', async () => {
  await using run = start(['--ready', 'file:/no/such/file'], ['env', 'sleep', '1000']);
  await until('it is named', async () => JSON.parse((await run.get('/statusz')).body).app.program === 'sleep');
});
