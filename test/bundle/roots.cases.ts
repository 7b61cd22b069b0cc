import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { freePort } from '../rig/free-port.ts';
import { firstIn } from '../rig/namespace.ts';
import { start } from '../rig/supervised.ts';
import { cannotRun, inRoot, makeRoot, PLACE, ROOTS, scratch } from './roots.ts';

/** The files that a process has mapped. */
function mapped(pid: number): readonly string[] {
  const lines = readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n');
  return [...new Set(lines.flatMap((line) => /(\/\S.*)$/.exec(line)?.[1] ?? []))];
}

describe('the portable folder', { skip: cannotRun('gcc', 'musl-gcc', 'patchelf') }, () => {
  for (const root of ROOTS) {
    test(`the portable folder as process 1 in ${root.name}: probes, orphans, signals, drain, exit code`, async () => {
      using folder = scratch();
      makeRoot(root, folder.path);
      const port = await freePort();
      const probes = ['--startup', 'exec:/app check', '--ready', `http://:${port}/`, '--live', 'auto'];
      const timing = ['--probe-period', '100ms', '--shutdown-delay', '500ms', '--grace', '10s'];
      await using run = start([...probes, ...timing, '--log-level', 'debug'], ['/app', String(port)], {
        prefix: inRoot(folder.path, root.locked),
        program: [`${PLACE}/bin/k8s-run`],
        env: {},
      });
      await run.line('ready');
      assert.equal((await run.line('reaped', (line) => line['code'] === 5))['code'], 5);
      assert.equal((await run.get('/readyz')).status, 200);
      assert.equal((await run.get('/livez')).status, 200);

      const first = await firstIn(run.pid);
      assert.match(readFileSync(`/proc/${first}/cmdline`, 'utf8'), /^k8s-run\0/);
      const foreign = mapped(first).filter((file) => !file.startsWith(`${folder.path}${PLACE}/`));
      assert.deepEqual(foreign, [], 'all that runs is of the folder');

      process.kill(first, 'SIGUSR1');
      await run.line('signal', (line) => line['signal'] === 'SIGUSR1');
      process.kill(first, 'SIGTERM');
      await run.line('terminating');
      assert.equal((await run.get('/readyz')).status, 503);
      assert.deepEqual(await run.ended(), { code: 3, signal: null });
      assert.equal((await run.line('exited'))['code'], 3);
      assert.match(JSON.stringify((await run.line('leftovers'))['leftovers']), /"app"/);
      assert.equal(run.stdout(), 'got USR1\n');
      assert.doesNotMatch(run.stderr(), /"fault"|Debugger|Experimental/);
    });
  }
});
