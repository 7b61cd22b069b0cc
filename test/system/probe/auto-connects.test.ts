import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { serveHttp } from '../../rig/target.ts';

test('auto: a ready app is connected to far less often than its sockets are listed', async () => {
  await using live = await serveHttp((_request, response) => response.end());
  await using run = await startPuppet(['--probe-period', '20ms', '--live', `http://:${live.port}/`]);
  await run.puppet.tell({ do: 'listen', port: 0, host: '0.0.0.0' });
  await run.line('ready');
  await until('fifty periods', () => live.requests.length >= 50, run.stderr);
  // One of the startup probe, one of the ready probe, and one more for every ten seconds of a slow machine.
  const accepted = await run.puppet.tell<number>({ do: 'accepted' });
  assert.ok(accepted >= 1 && accepted <= 5, `${accepted} connections`);
});

test('auto: a port that is gone is noticed when sockets are listed, before the next connection', async () => {
  await using run = await startPuppet(['--probe-period', '30ms', '--failure-threshold', '3']);
  await run.puppet.tell({ do: 'listen', port: 0 });
  await run.line('ready');
  await run.puppet.tell({ do: 'unlisten' });
  assert.equal((await run.line('unready'))['reason'], 'the app listens on no TCP port');
  assert.equal((await run.get('/readyz')).status, 503);
});

test('auto: an app whose backlog is full is not ready until it accepts again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'backlog-'));
  const waiting: Socket[] = [];
  try {
    const begun = join(folder, 'begun');
    await using run = await startPuppet([
      ...['--startup', `file:${begun}`, '--live', 'none'],
      ...['--probe-period', '30ms', '--probe-timeout', '300ms'],
    ]);
    const port = await run.puppet.tell<number>({ do: 'listen', port: 0, host: '0.0.0.0', backlog: 1 });
    process.kill(run.puppet.pid, 'SIGSTOP');
    await fillBacklog(port, waiting);
    await writeFile(begun, '');
    await until('the reason', async () => (await run.get('/readyz')).body === 'no answer within 300 ms\n', run.stderr);
    process.kill(run.puppet.pid, 'SIGCONT');
    await run.line('ready');
  } finally {
    for (const socket of waiting) socket.destroy();
    await rm(folder, { recursive: true, force: true });
  }
});

/** Connects until the kernel lets a connection wait: far more wait at once than the backlog takes. */
async function fillBacklog(port: number, waiting: Socket[]): Promise<void> {
  let connected = 0;
  for (let each = 0; each < 16; each += 1) {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('error', () => {});
    socket.once('connect', () => {
      connected += 1;
    });
    waiting.push(socket);
  }
  await until('the first are in', () => connected >= 1);
  assert.ok(connected < waiting.length);
}
