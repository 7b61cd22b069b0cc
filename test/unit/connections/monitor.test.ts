import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { test } from 'node:test';

process.removeAllListeners('warning');

/** Milliseconds that each count is blocked, as by a CPU limit. */
const BLOCKED_FOR = 60;

test('a count that is blocked costs no CPU time, so it does not delay the next one', async () => {
  const original = fs.readlinkSync;
  const waitCell = new Int32Array(new SharedArrayBuffer(4));
  let blocked = 0;
  // Every count asks for the network namespace of the app.
  const blocking = (path: fs.PathLike): string => {
    if (String(path).endsWith('/ns/net')) {
      blocked += 1;
      Atomics.wait(waitCell, 0, 0, BLOCKED_FOR);
    }
    return original(path);
  };
  fs.readlinkSync = blocking as typeof original;
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
    reused: () => {},
    post: () => {},
    requestsCut: () => {},
    contained: (_room, work) => void work(),
  });
  try {
    countConnections(null, false);
    // The first counts include loading and compiling.
    for (let count = 0; count < 5; count += 1) due.shift()?.();
  } finally {
    stopCounting();
    fs.readlinkSync = original;
    syncBuiltinESMExports();
  }
  assert.ok(blocked >= 5, `blocked ${blocked} times`);
  // Eighty times the time that one of them was blocked would be almost five seconds.
  assert.ok(Math.min(...delays.slice(1)) < 1_000, `rests of ${delays.slice(1)} ms`);
});

test("k8s-run's own connections are noted in every life of the app, also after a restart", async () => {
  const { createConnectionMonitor } = await import('../../../src/connections/monitor.ts');
  const { countConnections, stopCounting } = createConnectionMonitor({
    clock: { now: () => 0, after: () => () => {} },
    app: () => process.pid,
    reused: () => {},
    post: () => {},
    requestsCut: () => {},
    contained: (_room, work) => void work(),
  });
  const clientSockets = channel('net.client.socket');
  for (let life = 0; life < 2; life += 1) {
    assert.equal(clientSockets.hasSubscribers, false);
    countConnections(null, false);
    assert.equal(clientSockets.hasSubscribers, true, `life ${life}`);
    stopCounting();
  }
});
