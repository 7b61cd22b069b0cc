import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { openPort } from '../../../src/health/port.ts';
import { until } from '../../rig/deadline.ts';

test('a client that connects before HTTP is loaded is served later; one that has left by then is not', async () => {
  const port = await openPort(0, '127.0.0.1');
  const connections = promisify(port.server.getConnections.bind(port.server));
  const patient = connect(port.port, '127.0.0.1');
  const hasty = connect(port.port, '127.0.0.1');
  try {
    await Promise.all([once(patient, 'connect'), once(hasty, 'connect')]);
    await until('both are accepted', async () => (await connections()) === 2);
    hasty.resetAndDestroy();
    await until('the reset is noticed', async () => (await connections()) === 1);
    const served: Socket[] = [];
    port.serveWith((socket) => served.push(socket));
    assert.deepEqual(
      served.map(({ remotePort }) => remotePort),
      [patient.localPort],
    );
  } finally {
    patient.destroy();
    port.server.close();
  }
});
