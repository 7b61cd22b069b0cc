import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type ControlGroup, makeControlGroup, noControlGroup } from '../../rig/control-group.ts';
import { until } from '../../rig/deadline.ts';
import { EXAMPLES, hello, SHORT_DELAY, stopInOrder } from '../../rig/example.ts';
import { freePort } from '../../rig/free-port.ts';
import { needs } from '../../rig/needs.ts';
import { ask, cleanEnvironment, type Supervised, start } from '../../rig/supervised.ts';

/** Runs an example in a group with limits, as its README says, and waits for the first look at them. */
async function startIn(group: ControlGroup, options: readonly string[], command: readonly string[], port: number) {
  const env = { ...cleanEnvironment(), PORT: String(port) };
  const run = start([...SHORT_DELAY, ...options], command, { ...group, env });
  await run.line('ready');
  await until('the first look', async () => JSON.parse((await run.get('/statusz')).body).limits !== null);
  return run;
}

const says = (run: Supervised, line: string): Promise<boolean> =>
  until(
    line,
    () => run.stdout().split('\n').includes(line),
    () => run.stdout() + run.stderr(),
  );

describe('examples that follow a resize', { skip: noControlGroup }, () => {
  test('node-resize: the cache shrinks and grows with the container', async () => {
    await using group = makeControlGroup({ mebibytes: 256 });
    const port = await freePort();
    const server = join(EXAMPLES, 'node-resize/server.js');
    await using run = await startIn(group, ['--on-resize', 'HUP'], [process.execPath, server], port);
    await says(run, 'cache: 64 MiB');
    const fill = async (): Promise<number> => {
      let cached = 0;
      for (let page = 0; page < 70; page += 1) {
        const { headers } = await ask(`http://127.0.0.1:${port}/${page}`);
        cached = Number(headers['cache-mib']);
      }
      return cached;
    };
    assert.equal(await fill(), 64);
    group.resize({ mebibytes: 200 });
    await says(run, 'cache: 50 MiB');
    assert.equal(await fill(), 50);
    group.resize({ mebibytes: 512 });
    await says(run, 'cache: 128 MiB');
    assert.equal(await fill(), 70);
    await hello(port);
    await stopInOrder(run, 0, 'SIGTERM');
  });

  test('go-resize: GOMEMLIMIT and GOMAXPROCS follow the container', { skip: needs('go') }, async () => {
    const made = mkdtempSync(join(tmpdir(), 'go-resize-'));
    try {
      const server = join(made, 'server');
      const built = spawnSync('go', ['build', '-o', server, '.'], {
        cwd: join(EXAMPLES, 'go-resize'),
        env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod', GOCACHE: join(made, 'cache'), GOPROXY: 'off' },
        encoding: 'utf8',
      });
      assert.equal(built.status, 0, built.stderr);
      await using group = makeControlGroup({ mebibytes: 256, processors: 1 });
      const port = await freePort();
      await using run = await startIn(group, ['--events', '--resource-env'], [server], port);
      await says(run, 'memory 208 MiB, processors 2');
      group.resize({ mebibytes: 512 });
      await says(run, 'memory 439 MiB, processors 2');
      group.resize({ mebibytes: 200, processors: 0.5 });
      await says(run, 'memory 158 MiB, processors 2');
      await hello(port);
      await stopInOrder(run, 0, 'SIGTERM');
    } finally {
      rmSync(made, { recursive: true, force: true });
    }
  });
});
