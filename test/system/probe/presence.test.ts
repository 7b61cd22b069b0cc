import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { start } from '../../rig/supervised.ts';

const SLEEP = ['sleep', '300'];

test('a file probe passes while the file exists', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'file-probe-'));
  try {
    const file = join(folder, 'ready now');
    await using run = start(
      ['--startup', 'none', '--probe-period', '30ms', '--failure-threshold', '1', '--ready', `file:${file}`],
      SLEEP,
    );
    await until('the reason', async () => (await run.get('/readyz')).body === `${file} does not exist\n`, run.stderr);
    await writeFile(file, '');
    await run.line('ready');
    await rm(file);
    const { reason } = await run.line('unready');
    assert.equal(reason, `${file} does not exist`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('a file probe whose path leads through a regular file fails', async () => {
  await using run = start(['--startup', 'none', '--ready', 'file:/dev/null/ready'], SLEEP);
  await until(
    'the reason',
    async () => (await run.get('/readyz')).body === '/dev/null/ready does not exist\n',
    run.stderr,
  );
});

test('the probe none always passes', async () => {
  await using run = start(['--ready', 'none', '--live', 'none'], SLEEP);
  await run.line('ready');
  for (const path of ['/readyz', '/livez', '/startupz', '/healthz']) assert.equal((await run.get(path)).status, 200);
});
