import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { finish, lastLine } from '../../rig/finished.ts';
import { freePort } from '../../rig/free-port.ts';
import { start } from '../../rig/supervised.ts';

test('the app is started when every --wait-for answers, and not before', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wait-'));
  const port = await freePort();
  const server = createServer((socket) => socket.destroy());
  try {
    const file = join(folder, 'ready');
    await using run = start([`--wait-for=tcp://127.0.0.1:${port}`, `--wait-for=file:${file}`], ['echo', 'started']);
    await run.line('starting');
    assert.equal((await run.get('/livez')).status, 200);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    await run.line('answered', (line) => line['probe'] === `tcp://127.0.0.1:${port}`);
    assert.ok(!run.events().includes('spawned'));
    await writeFile(file, '');
    await run.line('answered', (line) => line['probe'] === `file:${file}`);
    assert.deepEqual(await run.ended(), { code: 0, signal: null });
    assert.equal(run.stdout(), 'started\n');
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
});

test('a --wait-for that does not answer in time ends k8s-run with 69, its name and its last error', async () => {
  const port = await freePort();
  const ended = await finish(
    [
      ...[`--wait-for=tcp://127.0.0.1:${port}`, '--wait-for=exec:false', '--wait-for=exec:true'],
      ...['--wait-timeout=8s', '--probe-timeout=7s'],
    ],
    ['echo', 'started'],
  );
  const last = lastLine(ended);
  assert.deepEqual([ended.code, ended.stdout, last['cause']], [69, '', 'dependencies missing']);
  assert.match(last.msg, new RegExp(`tcp://127.0.0.1:${port} \\(.+\\), exec:false \\(false exited with 1\\)$`));
});

test('a stop signal ends --wait-for', async () => {
  await using run = start(['--wait-for=exec:false'], ['echo', 'started']);
  await run.line('starting');
  run.kill('SIGTERM');
  assert.deepEqual(await run.ended(), { code: 143, signal: null });
  assert.equal(run.stdout(), '');
});

test('--wait-for comes before --pre-start', async () => {
  const ended = await finish(['--wait-for=exec:true', '--pre-start=true'], ['true']);
  assert.deepEqual(
    ended.events.filter((event) => ['answered', 'hook', 'spawned'].includes(event)),
    ['answered', 'hook', 'hook', 'spawned'],
  );
});
