import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Standing } from '../../../src/lifecycle/state.ts';
import type { ProbeAnswer } from '../../../src/probe/answer.ts';
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
  const schedule = { period: 1_000, timeout: 500, successThreshold: 1, failureThreshold: 3, runsCommand: false };
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

/** When a probe that always fails, and takes this long, ran; its period is 1 s. All in milliseconds. */
async function timesOf(takes: number, runsCommand: boolean, until: number): Promise<readonly number[]> {
  const clock = manualClock();
  const times: number[] = [];
  const probe = async (): Promise<ProbeAnswer> => {
    times.push(clock.now());
    await new Promise<void>((resolve) => void clock.after(takes, resolve));
    return { kind: 'failed', reason: 'not yet' };
  };
  const schedule = { period: 1_000, timeout: 60_000, successThreshold: 1, failureThreshold: 3, runsCommand };
  const deps = { ...clock, changed() {}, remarked() {}, probed() {}, faulted: assert.fail };
  const initial = { kind: 'pending', cause: 'not probed', reason: 'no' } as const;
  const worker = startProbeWorker({ probe, schedule, initial }, deps);
  for (let at = 0; at < until; at += 10) {
    clock.goTo(at);
    // What a timer resolves is answered before the next step.
    await setImmediate();
  }
  worker.stop();
  return times;
}

const between = (times: readonly number[], from: number, to: number): number =>
  times.filter((time) => time >= from && time < to).length;

test('until it first passes a probe runs every 50 ms, after 1 s every 100 ms, and after 10 s at its period', async () => {
  const times = await timesOf(10, false, 20_000);
  assert.deepEqual(
    [between(times, 0, 1_000), between(times, 1_000, 10_000), between(times, 10_000, 20_000)],
    [20, 90, 10],
  );
});

test('a command runs at its period from the beginning, and rests ten times what it took', async () => {
  const quick = await timesOf(50, true, 10_000);
  assert.deepEqual(quick, [0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000, 9_000]);
  const slow = await timesOf(300, true, 10_000);
  assert.deepEqual(slow, [0, 3_300, 6_600, 9_900]);
});
