import assert from 'node:assert/strict';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { test } from 'node:test';

process.removeAllListeners('warning');

/** How long each look at the kernel's tables is held up, as by a CPU limit. */
const HELD_UP = 60;

test('a count that is held up costs no CPU, so it puts the next one off no further', async () => {
  const opened = fs.openSync;
  const hold = new Int32Array(new SharedArrayBuffer(4));
  let held = 0;
  fs.openSync = (path, ...rest) => {
    if (/\/net\/tcp6?$/.test(String(path))) {
      held += 1;
      Atomics.wait(hold, 0, 0, HELD_UP);
    }
    return opened(path, ...rest);
  };
  syncBuiltinESMExports();
  const { createConnectionMonitor } = await import('../../../src/connections/monitor.ts');
  const delays: number[] = [];
  const due: (() => void)[] = [];
  const { countConnections, stopCounting } = createConnectionMonitor({
    clock: {
      now: () => 0,
      after(delay, call) {
        delays.push(delay);
        due.push(call);
        return () => {};
      },
    },
    app: () => process.pid,
    post: () => {},
    contained: (_room, work) => void work(),
  });
  try {
    countConnections(null);
    // The first ones pay for what is loaded and compiled.
    for (let count = 0; count < 5; count += 1) due.shift()?.();
  } finally {
    stopCounting();
    fs.openSync = opened;
    syncBuiltinESMExports();
  }
  assert.ok(held >= 5, `held up ${held} times`);
  // Fifty times the time that was lost in one of them would be three seconds.
  assert.ok(Math.min(...delays.slice(1)) < 1_000, `rests of ${delays.slice(1)} ms`);
});
