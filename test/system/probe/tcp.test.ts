import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { start } from '../../rig/supervised.ts';
import { serveTcp } from '../../rig/target.ts';

const SLEEP = ['sleep', '300'];

test('a TCP probe passes while connections are accepted, and names the port when they are not', async () => {
  await using target = await serveTcp(() => {});
  await using run = start(['--probe-period', '30ms', '--ready', `tcp://:${target.port}`], SLEEP);
  await run.line('ready');
  await target[Symbol.asyncDispose]();
  const { reason } = await run.line('unready');
  assert.equal(reason, `nothing listens on [::1]:${target.port}`);
});

test('a TCP probe closes its connection without a reset, also to a server that speaks first', async () => {
  const ends: string[] = [];
  await using target = await serveTcp((socket) => {
    socket.write('220 hello\r\n');
    socket.on('error', ({ message }) => ends.push(message));
    socket.on('end', () => ends.push('end')).resume();
  });
  await using run = start(['--probe-period', '30ms', '--ready', `tcp://127.0.0.1:${target.port}`], SLEEP);
  await until('six ends', () => ends.length >= 6, run.stderr);
  assert.deepEqual([...new Set(ends)], ['end']);
});

test('a TCP probe finds ::1 when nothing listens on 127.0.0.1', async (t) => {
  await using target = await serveTcp(() => {}, { host: '::1' }).catch(() => null);
  if (target === null) {
    t.skip('this machine has no IPv6 loopback');
    return;
  }
  await using run = start(['--ready', `tcp://:${target.port}`], SLEEP);
  await run.line('ready');
});
