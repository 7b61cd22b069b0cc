import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Standing } from '../../../src/lifecycle/state.ts';
import { startProbeWorker } from '../../../src/probe/worker.ts';

/** A clock that stands still until `goTo` moves it. */
function manualClock() {
  let now = 0;
  let timers: { at: number; call: () => void }[] = [];
  return {
    now: () => now,
    after(delay: number, call: () => void) {
      const timer = { at: now + delay, call };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
    goTo(end: number) {
      for (;;) {
        const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        now = next.at;
        timers = timers.filter((each) => each !== next);
        next.call();
      }
      now = end;
    },
  };
}

test('a probe that hangs and cannot be cancelled (a dead network disk) runs once and fails at every period', () => {
  const clock = manualClock();
  const changes: Standing[] = [];
  let calls = 0;
  const probe = () => {
    calls += 1;
    return new Promise<never>(() => {});
  };
  const schedule = { period: 1_000, timeout: 500, successThreshold: 1, failureThreshold: 3 };
  const deps = {
    ...clock,
    changed: (next: Standing) => changes.push(next),
    remarked() {},
    probed() {},
    faulted: assert.fail,
  };
  const worker = startProbeWorker({ probe, schedule, initial: { kind: 'passing' } }, deps);
  clock.goTo(2_499);
  assert.deepEqual(changes, [], 'two failures are not three');
  clock.goTo(2_500);
  assert.deepEqual(changes, [{ kind: 'failing', cause: 'timeout', reason: 'no answer within 500 ms' }]);
  worker.stop();
  clock.goTo(60_000);
  assert.equal(changes.length, 1);
  assert.equal(calls, 1);
});
