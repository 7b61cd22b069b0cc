import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CpuShortage, startMemoryTrimmer } from '../../../src/resources/memory-trimmer.ts';

const MIB = 2 ** 20;
const COLLECTED = ['trim', 'collect', 'trim'];

/** A trimmer with memory, CPU and clock of the test, which records what it does. */
function startedTrimmer(
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
    /** Runs the next timer, and returns what was done then. */
    look(): readonly string[] {
      const [timer, ...others] = timers.splice(0);
      assert.equal(timer?.delay, 30_000);
      assert.deepEqual(others, [], 'one timer at a time');
      timer?.call();
      return done.splice(0);
    },
  };
}

test('memory is collected at the start, and not again while nothing grows', () => {
  const { look, begun } = startedTrimmer();
  assert.deepEqual(begun, COLLECTED);
  for (let count = 0; count < 5; count += 1) assert.deepEqual(look(), []);
});

test('when the resident memory is unknown, it is collected once', () => {
  const { look, begun } = startedTrimmer(0, undefined, Number.POSITIVE_INFINITY);
  assert.deepEqual(begun, COLLECTED);
  assert.deepEqual(look(), []);
});

test('half a MiB of growth is trimmed, which gives back what malloc keeps', () => {
  const { look, state } = startedTrimmer();
  state.resident += MIB / 2 - 1;
  assert.deepEqual(look(), []);
  state.resident += MIB / 2;
  assert.deepEqual(look(), ['trim']);
  assert.deepEqual(look(), [], 'growth counts from here on');
  for (let count = 0; count < 2; count += 1) {
    state.resident += MIB / 4;
    assert.deepEqual(look(), count === 1 ? ['trim'] : [], 'slow growth is growth');
  }
});

test('growth by more than 2 MiB is collected, once', () => {
  const { look, state } = startedTrimmer();
  state.resident += 2 * MIB;
  assert.deepEqual(look(), ['trim']);
  state.resident += 1;
  assert.deepEqual(look(), ['collect', 'trim']);
  assert.deepEqual(look(), [], 'growth counts from here on');
});

test('growth counts from the smallest resident memory, because pages of files come and go', () => {
  const { look, state } = startedTrimmer(5 * MIB);
  state.resident -= 20 * MIB;
  assert.deepEqual(look(), []);
  state.resident += 3 * MIB;
  assert.deepEqual(look(), COLLECTED);
});

test('while a small CPU limit throttles the container there is no collection', () => {
  const { look, begun, state } = startedTrimmer(0, { cpuLimitCores: 0.1, cpuThrottledPeriods: 12 });
  assert.deepEqual(begun, ['trim']);
  state.cpu = { cpuLimitCores: 0.1, cpuThrottledPeriods: 40 };
  assert.deepEqual(look(), []);
  assert.deepEqual(look(), ['collect', 'trim'], 'not throttled since');
});

test('with half a core memory is collected, however throttled the container is', () => {
  assert.deepEqual(startedTrimmer(0, { cpuLimitCores: 0.5, cpuThrottledPeriods: 12 }).begun, COLLECTED);
  assert.deepEqual(startedTrimmer(0, { cpuLimitCores: null, cpuThrottledPeriods: 12 }).begun, COLLECTED);
});
