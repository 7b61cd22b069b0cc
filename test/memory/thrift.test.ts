import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beThrifty } from '../../src/memory/thrift.ts';

const MIB = 2 ** 20;

/** Memory and time as the test says; what is done about memory is written down. */
function world(freedByCollecting = 0) {
  const done: string[] = [];
  const timers: { readonly delay: number; readonly call: () => void }[] = [];
  const state = { resident: 50 * MIB };
  beThrifty({
    after: (delay, call) => void timers.push({ delay, call }),
    resident: () => state.resident,
    collect() {
      done.push('collect');
      state.resident -= freedByCollecting;
    },
    trim: () => void done.push('trim'),
  });
  return {
    state,
    begun: done.splice(0),
    /** Lets the next timer ring; what was done then, and after which delay. */
    ring(): { readonly delay: number; readonly done: readonly string[] } {
      const [timer, ...others] = timers.splice(0);
      assert.ok(timer, 'a timer is set');
      assert.deepEqual(others, [], 'one timer at a time');
      timer.call();
      return { delay: timer.delay, done: done.splice(0) };
    },
  };
}

test('the start is given back at once, and while nothing grows there is no second collection', () => {
  const { ring, begun } = world();
  assert.deepEqual(begun, ['collect', 'trim']);
  for (let look = 0; look < 5; look += 1) assert.deepEqual(ring(), { delay: 30_000, done: ['trim'] });
});

test('what has grown by more than 2 MiB is collected, once', () => {
  const { ring, state } = world();
  state.resident += 2 * MIB;
  assert.deepEqual(ring().done, ['trim']);
  state.resident += 1;
  assert.deepEqual(ring().done, ['trim', 'collect', 'trim']);
  assert.deepEqual(ring().done, ['trim'], 'what is in use is the new measure');
});

test('growth is counted from the least that was seen: pages of files come and go', () => {
  const { ring, state } = world(5 * MIB);
  state.resident -= 20 * MIB;
  assert.deepEqual(ring().done, ['trim']);
  state.resident += 3 * MIB;
  assert.deepEqual(ring().done, ['trim', 'collect', 'trim']);
});
