import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { until } from '../../rig/deadline.ts';
import { noFfi } from '../../rig/ffi.ts';
import { finish, lastLine } from '../../rig/finished.ts';
import { childrenOf, firstIn, NAMESPACE, namespaceAfter, noNamespace } from '../../rig/namespace.ts';
import { readableCopy } from '../../rig/readable-copy.ts';
import { type Line, linesOf, start } from '../../rig/supervised.ts';

const UNPREPARED = NAMESPACE.filter((word) => word !== '--mount-proc');
/** Leaves one process behind, and its own code. */
const LEAVER = ['sh', '-c', 'setsid sleep 1000 & sleep 0.2; exit 3'];

describe('as process 1, where something is missing', { skip: noNamespace }, () => {
  test('as process 1 without /proc k8s-run starts the app, and exits with its code', async () => {
    const prefix = namespaceAfter('umount -l /proc', [...UNPREPARED, '--mount']);
    const run = await finish(['--ready', 'none'], LEAVER, { prefix });
    assert.equal(run.code, 3, run.stderr);
    assert.ok(run.events.includes('started') && !run.events.includes('unlive'));
  });

  test('without /proc the resident memory is taken for infinite, and that is no fault', async () => {
    const [program = '', ...words] = namespaceAfter('umount -l /proc', [...UNPREPARED, '--mount']);
    const { href } = new URL('../../../src/resources/memory-reclaim.ts', import.meta.url);
    const ask = `import('${href}').then(({ resident }) => console.log(resident()))`;
    const { stdout } = await promisify(execFile)(program, [...words, process.execPath, '--eval', ask]);
    assert.equal(stdout, 'Infinity\n');
  });

  test('as process 1 with the /proc of another namespace no process in it is taken for a leftover', async () => {
    const run = await finish(['--ready', 'none'], LEAVER, { prefix: UNPREPARED });
    assert.equal(run.code, 3, run.stderr);
    assert.ok(!run.events.includes('leftovers') && !run.events.includes('unlive'), run.stderr);
  });

  test('as process 1 of another uid under hidepid=2 leftovers are found and ended', async () => {
    const hide = 'mount -o remount,hidepid=2 /proc && test "$(stat -f -c %T /proc)" = proc';
    const prefix = [...namespaceAfter(hide), 'setpriv', '--reuid', '12345', '--regid', '12345', '--clear-groups'];
    const named = 'until [ "$(cat /proc/$!/comm)" = sleep ]; do :; done';
    using copy = readableCopy();
    const app = ['sh', '-c', `setsid sleep 1000 & ${named}; exit 3`];
    const run = await finish(['--ready', 'none'], app, { ...copy, prefix });
    assert.equal(run.code, 3, run.stderr);
    assert.deepEqual(namesOf(run.lines), ['sleep']);
  });

  test('when the limit of processes is reached (EAGAIN) k8s-run exits with 126 and says why, in the log and the termination log', async () => {
    // In a file, so that nothing but the app needs a thread or a process that may not be had any more.
    using copy = readableCopy();
    const folder = await mkdtemp(join(tmpdir(), 'k8s-run-'));
    const stderr = await open(join(folder, 'stderr'), 'w');
    try {
      const limit = `import{spawnSync}from'node:child_process';spawnSync('prlimit',['--pid',String(process.pid),'--nproc=1:1'])`;
      const nodeOptions = [`--import=data:text/javascript,${encodeURIComponent(limit)}`];
      const prefix = [...NAMESPACE, 'setpriv', '--reuid', '12346', '--regid', '12346', '--clear-groups'];
      const certificate = join(folder, 'termination-log');
      await writeFile(certificate, '');
      await chmod(folder, 0o755);
      await chmod(certificate, 0o666);
      const options = ['--ready', 'none', '--termination-log', certificate];
      const run = await finish(options, ['sleep', '1000'], {
        ...copy,
        prefix,
        nodeOptions,
        stdio: ['ignore', 'pipe', stderr.fd],
      });
      const lines = linesOf(await readFile(join(folder, 'stderr'), 'utf8'));
      assert.equal(run.code, 126);
      const last = lastLine({ lines, stderr: '' });
      assert.deepEqual([last['error'], last.event], ['EAGAIN', 'exited']);
      assert.match(last.msg, /cannot start sleep: the limit of processes is reached \(pids limit/);
      assert.match(await readFile(certificate, 'utf8'), /^cannot start sleep: the limit of processes is reached/);
    } finally {
      await stderr.close();
      await rm(folder, { recursive: true });
    }
  });

  test('as process 1 without node:ffi the log warns once of zombies and names three remedies, and /statusz counts them', {
    skip: noFfi,
  }, async () => {
    const app = ['sh', '-c', '(exit 5 &); exec sleep 1000'];
    await using run = start(['--ready', 'none'], app, {
      prefix: NAMESPACE,
      nodeOptions: ['--no-experimental-ffi'],
    });
    await run.line('ready');
    const first = await firstIn(run.pid);
    await until('a zombie', () => childrenOf(first).some(({ state }) => state === 'Z'));
    const { orphans } = JSON.parse((await run.get('/statusz')).body);
    assert.equal(orphans.zombies, 1);
    const said = run.lines().filter(({ msg }) => /zombies/.test(msg));
    assert.equal(said.length, 1);
    for (const way of [/Node 26\.1 or newer/, /docker run --init/, /shareProcessNamespace/]) {
      assert.match(said[0]?.msg ?? '', way);
    }
    process.kill(first, 'SIGTERM');
    assert.equal((await run.ended()).code, 143);
    assert.doesNotMatch(run.stderr(), /ExperimentalWarning/);
  });

  test('as process 1 with node:ffi the log says nothing of zombies', { skip: noFfi }, async () => {
    const run = await finish(['--ready', 'none'], ['sh', '-c', '(exit 5 &); sleep 0.2'], { prefix: NAMESPACE });
    assert.doesNotMatch(run.stderr, /[Ee]xperimental|zombies/);
    assert.equal(run.code, 0);
  });
});

function namesOf(lines: readonly Line[]): readonly string[] {
  const found = lines.find(({ event }) => event === 'leftovers')?.['leftovers'] ?? [];
  return (found as readonly { program: string }[]).map(({ program }) => program);
}
