import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { chmod, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { noNamespace } from '../../rig/namespace.ts';
import { start } from '../../rig/supervised.ts';

const cwdOf = (pid: unknown): string => readlinkSync(`/proc/${pid}/cwd`);

/** A folder with a script `./check` that passes where it is run in that folder. */
async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'folder-')));
  try {
    await writeFile(join(folder, 'check'), '#!/bin/sh\ntest -e ./check && echo ran >>./trace\n');
    await chmod(join(folder, 'check'), 0o755);
    await run(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('k8s-run goes to / once the app has started; the app stays in the working directory', () =>
  withFolder(async (folder) => {
    const options = ['--pre-start', './check', '--ready', 'process'];
    await using run = start(options, ['sleep', '1000'], { cwd: folder });
    const { pid } = await run.line('spawned');
    assert.equal(cwdOf(pid), folder);
    await until('it has gone to /', () => cwdOf(run.pid) === '/');
    run.kill('SIGTERM');
    assert.equal((await run.ended()).code, 143);
    assert.equal((await run.line('hook', ({ outcome }) => outcome === 'done'))['hook'], 'pre-start');
  }));

test('it stays where a probe, a hook or a restart needs the working directory', () =>
  withFolder(async (folder) => {
    const options = ['--ready', 'exec:./check', '--pre-stop', './check', '--restart', 'on-failure'];
    await using run = start([...options, '--shutdown-delay', '0'], ['sleep', '1000'], { cwd: folder });
    const { pid } = await run.line('spawned');
    await run.line('ready');
    assert.equal(cwdOf(run.pid), folder);
    process.kill(pid as number, 'SIGKILL');
    const again = await run.line('spawned', (line) => line['pid'] !== pid);
    assert.equal(cwdOf(again['pid']), folder);
    await until('it is ready again', () => run.events().filter((event) => event === 'ready').length === 2);
    run.kill('SIGTERM');
    await run.line('hook', ({ outcome }) => outcome === 'done');
    assert.equal((await run.ended()).code, 143);
  }));

test('a volume in which k8s-run was started can be unmounted', { skip: noNamespace }, () =>
  withFolder(async (folder) => {
    const script = `mount -t tmpfs none ${folder} && cd ${folder} && exec "$@"`;
    const prefix = ['unshare', '--mount', '--fork', '--kill-child', 'sh', '-c', script, 'sh'];
    await using run = start(['--ready', 'process'], ['sh', '-c', 'cd / && exec sleep 1000'], { prefix });
    const { pid } = await run.line('spawned');
    const unmount = (): boolean =>
      spawnSync('nsenter', ['--target', String(pid), '--mount', '--wd=/', 'umount', folder]).status === 0;
    await until('the volume is free', unmount);
    run.kill('SIGTERM');
  }),
);
