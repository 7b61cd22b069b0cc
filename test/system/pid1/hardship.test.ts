import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { descendantsOf, listProcesses } from '../../../src/linux/procfs.ts';
import { until } from '../../rig/deadline.ts';
import { noFfi } from '../../rig/ffi.ts';
import { finish, lastLine } from '../../rig/finished.ts';
import { childrenOf, firstIn, NAMESPACE, noNamespace } from '../../rig/namespace.ts';
import { needs } from '../../rig/needs.ts';
import { readableCopy } from '../../rig/readable-copy.ts';
import { start } from '../../rig/supervised.ts';

const skip = needs('python3');

const as = (uid: number): readonly string[] => [
  ...['setpriv', '--reuid', String(uid), '--regid', String(uid), '--clear-groups'],
];
/** k8s-run may have this many processes and threads from here on: its own are a dozen. */
const limitedTo = (count: number): string => {
  const limit = `import{spawnSync}from'node:child_process';spawnSync('prlimit',['--pid',String(process.pid),'--nproc=${count}:${count}'])`;
  return `--import=data:text/javascript,${encodeURIComponent(limit)}`;
};
/** Whatever it starts forks as well, for ever. */
const BOMB = 'import os,time\nwhile True:\n  try: os.fork()\n  except OSError: time.sleep(0.02)\n';
/** The first thread ends, another goes on: the process is shown as a zombie, and nobody can wait for it. */
const HEADLESS = `import ctypes,signal,threading,time
signal.signal(signal.SIGTERM, signal.SIG_DFL)
threading.Thread(target=lambda: time.sleep(1000)).start()
ctypes.CDLL(None).syscall(${process.arch === 'arm64' ? 93 : 60}, 0)
`;

describe('in hardship', { skip: noNamespace }, () => {
  test('when neither a process nor a thread can be had and stderr is a socket, k8s-run exits with 126 and the last line says why', {
    skip: noFfi,
  }, async () => {
    using copy = readableCopy();
    const run = await finish(['--ready', 'none'], ['sleep', '1000'], {
      ...copy,
      prefix: [...NAMESPACE, ...as(12_351)],
      nodeOptions: [limitedTo(1)],
    });
    assert.deepEqual([run.code, run.signal], [126, null], run.stderr);
    assert.deepEqual([lastLine(run).event, lastLine(run)['error']], ['exited', 'EAGAIN']);
  });

  test('with a fork bomb under a limit of processes the health server answers, and TERM ends every process', {
    skip: skip || noFfi,
  }, async () => {
    const options = ['--ready', 'exec:true', '--probe-period', '100ms', '--shutdown-delay', '0', '--grace', '10s'];
    using copy = readableCopy();
    await using run = start([...options, '--startup', 'none'], ['python3', '-c', BOMB], {
      ...copy,
      prefix: [...NAMESPACE, ...as(12_352)],
      nodeOptions: [limitedTo(40)],
    });
    const first = await firstIn(run.pid);
    await run.line('started');
    const bombs = (): number =>
      descendantsOf(first, listProcesses()).filter(({ program }) => program === 'python3').length;
    await until('the limit', () => bombs() >= 20, run.stderr);
    assert.equal((await run.get('/livez')).status, 200);
    // An exec probe that cannot be started is no failure of the app: ready stays what it was.
    assert.ok([200, 503].includes((await run.get('/readyz')).status));
    process.kill(first, 'SIGTERM');
    assert.deepEqual(await run.ended(), { code: 143, signal: null });
    assert.equal(lastLine({ lines: run.lines(), stderr: run.stderr() }).event, 'exited');
    assert.ok(listProcesses().every(({ parent }) => parent !== first));
  });

  test('an app that is a zombie because its first thread has ended is waited for, and TERM ends it', {
    skip,
  }, async () => {
    const options = ['--ready', 'none', '--live', 'process', '--probe-period', '50ms', '--shutdown-delay', '0'];
    await using run = start(options, ['python3', '-c', HEADLESS], { prefix: NAMESPACE });
    const first = await firstIn(run.pid);
    await until('a zombie', () => childrenOf(first).some(({ state }) => state === 'Z'));
    await run.line('unlive');
    assert.equal((await run.get('/livez')).status, 503);
    assert.ok(!run.events().includes('exited'));
    process.kill(first, 'SIGTERM');
    assert.deepEqual(await run.ended(), { code: 143, signal: null });
  });
});
