import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Standing } from '../../../src/lifecycle/state.ts';
import { startProbeWorker } from '../../../src/probe/worker.ts';

/** A clock that goes on only when it is told to. */
function handClock() {
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

test('a question that hangs and cannot be cancelled (a dead network disk) is asked once, and fails at every period', () => {
  const clock = handClock();
  const told: Standing[] = [];
  let asked = 0;
  const ask = () => {
    asked += 1;
    return new Promise<never>(() => {});
  };
  const rhythm = { period: 1_000, timeout: 500, successThreshold: 1, failureThreshold: 3 };
  const tools = {
    ...clock,
    changed: (next: Standing) => told.push(next),
    remarked() {},
    answered() {},
    faulted: assert.fail,
  };
  const poller = startProbeWorker(ask, rhythm, { kind: 'passing' }, tools);
  clock.goTo(2_499);
  assert.deepEqual(told, [], 'two failures are not three');
  clock.goTo(2_500);
  assert.deepEqual(told, [{ kind: 'failing', cause: 'timeout', reason: 'no answer within 500 ms' }]);
  poller.stop();
  clock.goTo(60_000);
  assert.equal(told.length, 1);
  assert.equal(asked, 1);
});
