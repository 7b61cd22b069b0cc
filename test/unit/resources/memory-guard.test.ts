import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryGuard } from '../../../src/resources/memory-guard.ts';

const MIB = 2 ** 20;

function guarded(inUse: number) {
  const state = { resident: 50 * MIB, reclaimed: 0, looks: 0 };
  const worked = createMemoryGuard({
    resident() {
      state.looks += 1;
      return state.resident;
    },
    reclaim() {
      state.reclaimed += 1;
      state.resident = Math.min(state.resident, inUse);
    },
  });
  const work = (count: number): void => {
    for (let done = 0; done < count; done += 1) worked();
  };
  return { state, work };
}

test('memory is looked at once for many pieces of work, and left alone while it does not grow', () => {
  const { state, work } = guarded(50 * MIB);
  work(320);
  assert.equal(state.looks, 10);
  state.resident += 4 * MIB;
  work(320);
  assert.equal(state.reclaimed, 0);
});

test('growth is reclaimed, and growth that is in use only once', () => {
  const { state, work } = guarded(53 * MIB);
  work(32);
  state.resident = 60 * MIB;
  work(32);
  assert.deepEqual([state.reclaimed, state.resident], [1, 53 * MIB]);
  state.resident = 57 * MIB;
  work(320);
  assert.equal(state.reclaimed, 1);
  state.resident = 59 * MIB;
  work(32);
  assert.equal(state.reclaimed, 2);
});

test('nothing is reclaimed where the memory is unknown', () => {
  const { state, work } = guarded(0);
  state.resident = Number.POSITIVE_INFINITY;
  work(320);
  assert.equal(state.reclaimed, 0);
});
