import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { openPort } from '../../../src/health/port.ts';
import { until } from '../../rig/deadline.ts';

test('clients that connect before HTTP is loaded are served later, the oldest of many closed', async () => {
  const port = await openPort(0, '127.0.0.1');
  const connections = promisify(port.server.getConnections.bind(port.server));
  const clients: Socket[] = [];
  try {
    for (let count = 0; count < 18; count += 1) {
      const client = connect(port.port, '127.0.0.1').resume();
      clients.push(client);
      client.on('error', () => {});
      await once(client, 'connect');
    }
    const [oldest, second, ...others] = clients;
    await until('two are closed', () => oldest?.destroyed === true && second?.destroyed === true);
    await until('the rest is accepted', async () => (await connections()) === others.length);
    const served: Socket[] = [];
    port.serveWith((socket) => served.push(socket));
    assert.deepEqual(
      served.map(({ remotePort }) => remotePort),
      others.map(({ localPort }) => localPort),
    );
    for (const socket of served) socket.destroy();
  } finally {
    for (const client of clients) client.destroy();
    port.server.close();
  }
});
