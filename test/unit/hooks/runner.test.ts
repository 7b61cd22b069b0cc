import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHookRunner, type HookRunnerDeps } from '../../../src/hooks/runner.ts';
import { until } from '../../rig/deadline.ts';

/** A hook whose command is there only when the test says so: what it needs was still being loaded. */
function slowToStart(name: 'pre-start') {
  const sent: unknown[] = [];
  const ends: string[] = [];
  const timers: (() => void)[] = [];
  let begun = (): void => {};
  const tools = {
    config: { preStart: { kind: 'command', words: ['migrate'] }, hookTimeout: 1 },
    clock: {
      after(_delay: number, call: () => void) {
        timers.push(call);
        return () => {};
      },
    },
    log: { write: () => {} },
    version: '1',
    environment: () => ({}),
    runHeard: (
      _words: unknown,
      _environment: unknown,
      _hearing: unknown,
      started: (kill: (s: unknown) => void) => void,
    ) =>
      new Promise((resolve) => {
        begun = () =>
          started((signal) => {
            sent.push(signal);
            if (signal === 9) resolve({ kind: 'ended', exit: { kind: 'signal', signal: 9 } });
          });
      }),
    ended: (_name: string, failure: string | null) => void ends.push(String(failure)),
  };
  const room = createHookRunner(tools as unknown as HookRunnerDeps);
  room.run(name);
  return { room, sent, ends, timers, begin: () => begun() };
}

test('a signal that comes before the command is there reaches it all the same', () => {
  const { room, sent, begin } = slowToStart('pre-start');
  room.signal(15);
  assert.deepEqual(sent, []);
  begin();
  assert.deepEqual(sent, [15]);
  room.signal(9);
  assert.deepEqual(sent, [15, 9]);
});

test('so does the limit', async () => {
  const { ends, timers, begin, sent } = slowToStart('pre-start');
  timers[0]?.();
  begin();
  assert.deepEqual(sent, [9]);
  await until('its end', () => ends.length === 1);
  assert.deepEqual(ends, ['migrate was not over within 1 ms']);
});
