import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CpuShortage, startMemoryTrimmer } from '../../../src/resources/memory-trimmer.ts';

const MIB = 2 ** 20;
const COLLECTED = ['trim', 'collect', 'trim'];

/** Memory, CPU and time as the test says; what is done about memory is written down. */
function world(
  freedByCollecting = 0,
  cpu: CpuShortage = { cpuLimitCores: null, cpuThrottledPeriods: null },
  resident = 50 * MIB,
) {
  const done: string[] = [];
  const timers: { readonly delay: number; readonly call: () => void }[] = [];
  const state = { resident, cpu };
  startMemoryTrimmer({
    after: (delay, call) => void timers.push({ delay, call }),
    resident: () => state.resident,
    collect() {
      done.push('collect');
      state.resident -= freedByCollecting;
    },
    trim: () => void done.push('trim'),
    cpu: () => state.cpu,
  });
  return {
    state,
    begun: done.splice(0),
    /** Lets the next timer ring, and tells what was done then. */
    look(): readonly string[] {
      const [timer, ...others] = timers.splice(0);
      assert.equal(timer?.delay, 30_000);
      assert.deepEqual(others, [], 'one timer at a time');
      timer?.call();
      return done.splice(0);
    },
  };
}

test('the start is given back at once, and while nothing grows there is no second collection', () => {
  const { look, begun } = world();
  assert.deepEqual(begun, COLLECTED);
  for (let count = 0; count < 5; count += 1) assert.deepEqual(look(), ['trim']);
});

test('where it cannot be told what is occupied, what the start has left is given back, and no more', () => {
  const { look, begun } = world(0, undefined, Number.POSITIVE_INFINITY);
  assert.deepEqual(begun, COLLECTED);
  assert.deepEqual(look(), ['trim']);
});

test('what has grown by more than 2 MiB is collected, once', () => {
  const { look, state } = world();
  state.resident += 2 * MIB;
  assert.deepEqual(look(), ['trim']);
  state.resident += 1;
  assert.deepEqual(look(), COLLECTED);
  assert.deepEqual(look(), ['trim'], 'what is in use is the new measure');
});

test('growth is counted from the least that was seen: pages of files come and go', () => {
  const { look, state } = world(5 * MIB);
  state.resident -= 20 * MIB;
  assert.deepEqual(look(), ['trim']);
  state.resident += 3 * MIB;
  assert.deepEqual(look(), COLLECTED);
});

test('under a small CPU limit that holds the container back the collection waits', () => {
  const { look, begun, state } = world(0, { cpuLimitCores: 0.1, cpuThrottledPeriods: 12 });
  assert.deepEqual(begun, ['trim']);
  state.cpu = { cpuLimitCores: 0.1, cpuThrottledPeriods: 40 };
  assert.deepEqual(look(), ['trim']);
  assert.deepEqual(look(), COLLECTED, 'nothing held it back since');
});

test('half a core is enough, whatever the app takes', () => {
  assert.deepEqual(world(0, { cpuLimitCores: 0.5, cpuThrottledPeriods: 12 }).begun, COLLECTED);
  assert.deepEqual(world(0, { cpuLimitCores: null, cpuThrottledPeriods: 12 }).begun, COLLECTED);
});
