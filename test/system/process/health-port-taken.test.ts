import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { finish, lastLine } from '../../rig/finished.ts';

test('when the health port is taken k8s-run exits with 69, names the likely causes, and starts nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'k8s-run-'));
  const server = createServer();
  try {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const trace = join(folder, 'started');
    const run = await finish([`--health-port=${port}`, '--health-host=127.0.0.1'], ['touch', trace]);
    const { event, code, level, msg } = lastLine(run);
    assert.deepEqual([run.code, event, code, level], [69, 'exited', 69, 'error']);
    assert.match(msg, new RegExp(`cannot .*${port}`));
    assert.match(msg, /--health-port/);
    assert.match(msg, /sidecar|container/);
    assert.match(msg, /host/);
    assert.equal(existsSync(trace), false);
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
});
