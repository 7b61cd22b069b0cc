import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHookRunner, type HookRunnerDeps } from '../../../src/hooks/runner.ts';
import { until } from '../../rig/deadline.ts';

/** A runner with a hook whose command is spawned only when the test calls `begin`, as while modules are still loaded. */
function runnerBeforeSpawn(name: 'pre-start') {
  const sent: unknown[] = [];
  const ends: string[] = [];
  const timers: (() => void)[] = [];
  let begun = (): void => {};
  const deps = {
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
    variables: () => ({}),
    runWithOutput: (
      _words: unknown,
      _environment: unknown,
      _output: unknown,
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
  const runner = createHookRunner(deps as unknown as HookRunnerDeps);
  runner.run(name);
  return { runner, sent, ends, timers, begin: () => begun() };
}

test('a signal that comes before the command was spawned is sent to it then', () => {
  const { runner, sent, begin } = runnerBeforeSpawn('pre-start');
  runner.signal(15);
  assert.deepEqual(sent, []);
  begin();
  assert.deepEqual(sent, [15]);
  runner.signal(9);
  assert.deepEqual(sent, [15, 9]);
});

test('a time limit that is over before the command was spawned kills it then', async () => {
  const { ends, timers, begin, sent } = runnerBeforeSpawn('pre-start');
  timers[0]?.();
  begin();
  assert.deepEqual(sent, [9]);
  await until('its end', () => ends.length === 1);
  assert.deepEqual(ends, ['migrate did not finish within 1 ms']);
});
