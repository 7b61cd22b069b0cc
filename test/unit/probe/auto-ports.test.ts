import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closedRemark, openPortsOf, watchPorts } from '../../../src/probe/auto-ports.ts';

const isLoopback = (address: string): boolean => address.startsWith('127.');

test('the ports that clients can reach are named once, in order; loopback-only ones where there are no others', () => {
  const at = (address: string, port: number): { address: string; port: number } => ({ address, port });
  assert.deepEqual(
    openPortsOf([at('::', 9090), at('0.0.0.0', 80), at('::', 80), at('127.0.0.1', 5)], isLoopback),
    [80, 9090],
  );
  assert.deepEqual(openPortsOf([at('127.0.0.1', 5)], isLoopback), [5]);
});

test('a port that is missing for a second has closed, and is reported once', () => {
  const { look, isMissingOne } = watchPorts();
  assert.deepEqual(look([80, 9090], 0), []);
  assert.deepEqual(look([80], 100), []);
  assert.equal(isMissingOne(), true);
  assert.deepEqual(look([80], 1_099), []);
  assert.deepEqual(look([80], 1_100), [9090]);
  assert.equal(isMissingOne(), false);
  assert.deepEqual(look([80], 9_000), []);
});

test('a port that is open again within a second has not closed', () => {
  const { look, isMissingOne } = watchPorts();
  look([80, 9090], 0);
  look([80], 100);
  assert.deepEqual(look([80, 9090], 900), []);
  assert.equal(isMissingOne(), false);
  assert.deepEqual(look([80, 9090], 5_000), []);
});

test('a port that opens later is watched, unless the kernel has chosen it', () => {
  const { look } = watchPorts();
  look([80, 40_000], 0);
  look([80, 8080, 40_000, 50_000], 10_000);
  look([80], 20_000);
  assert.deepEqual(look([80], 21_000), [8080, 40_000]);
});

test('the warning names what has closed and what is open', () => {
  assert.equal(closedRemark([], [80]), undefined);
  const text = closedRemark([8080, 9090], [80]);
  assert.match(
    text ?? '',
    /^The app no longer listens on ports 8080, 9090; it stays ready, because port 80 is open\. To probe one/,
  );
});
