import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outside, Started } from '../../../src/rehearse/outside.ts';
import { play, type SidePlan } from '../../../src/rehearse/play.ts';
import { CIRCUMSTANCES } from '../../rig/rehearsal.ts';

/** Starts processes that run until they are killed. */
function processes(): { readonly outside: Outside; readonly running: Set<number>; readonly started: () => number } {
  const running = new Set<number>();
  let count = 0;
  const start = async (): Promise<Started> => {
    count += 1;
    const pid = count;
    running.add(pid);
    const exit = Promise.withResolvers<{ readonly kind: 'signal'; readonly signal: number }>();
    const kill = (): void => {
      running.delete(pid);
      exit.resolve({ kind: 'signal', signal: 9 });
    };
    return { pid, exited: exit.promise, signal: () => {}, kill };
  };
  const guard = { add: () => {}, remove: () => {} };
  const outside = { start, guard, childOf: () => null, listening: () => [], killGroup: () => {} };
  return { outside: outside as unknown as Outside, running, started: () => count };
}

const PLAN: SidePlan = {
  ...{ way: 'init', words: () => ['app'], isFirst: false, environment: () => ({}) },
  ...{ nextPort: async () => 11_000, circumstances: CIRCUMSTANCES, surge: 1, loaded: false },
  probes: { stanzas: {}, appPort: null, healthPort: null, listens: false },
  ...{ preStop: async () => {}, readyWithin: 1_000, settle: 0, duration: 0 },
};
const WATCHER = { begun: () => {}, happened: () => {} };

test('no replica is started once a rehearsal has been cancelled, even if its port is found only then', async () => {
  const { outside, started } = processes();
  const port = Promise.withResolvers<number>();
  const cancelled = new AbortController();
  const played = play({ ...PLAN, nextPort: () => port.promise }, outside, WATCHER, cancelled.signal);
  cancelled.abort();
  await assert.rejects(played, /cancelled/);
  port.resolve(11_000);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(started(), 0);
});

test('a replica whose start is under way when its rehearsal is cancelled is killed before the rehearsal ends', async () => {
  const { outside, running, started } = processes();
  const begun = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const start: Outside['start'] = async (...words) => {
    begun.resolve();
    await goOn.promise;
    return outside.start(...words);
  };
  const cancelled = new AbortController();
  const played = play({ ...PLAN }, { ...outside, start }, WATCHER, cancelled.signal);
  await begun.promise;
  cancelled.abort();
  setImmediate(goOn.resolve);
  await assert.rejects(played, /cancelled/);
  assert.deepEqual([started(), running.size], [CIRCUMSTANCES.replicas, 0]);
});
