import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { firstPort, portsFrom } from '../../../src/rehearse/ports.ts';

test('a port that was given is not given again, although nothing listens on it yet', async () => {
  const first = firstPort(50);
  const [one, other] = [portsFrom(first), portsFrom(first)];
  const given = [await one(), await other(), await one(), await other()];
  assert.equal(new Set(given).size, 4, given.join());
});

test('a port on which a process listens is not given', async () => {
  const first = firstPort(51);
  const server = createServer();
  const port = await portsFrom(first)();
  await new Promise<void>((resolve) => server.listen(port, resolve));
  try {
    assert.notEqual(await portsFrom(port)(), port);
  } finally {
    server.close();
  }
});
