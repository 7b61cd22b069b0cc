import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { soon, until } from '../../rig/deadline.ts';
import { needs } from '../../rig/needs.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { killGroup, start } from '../../rig/supervised.ts';

const BRISK = ['--startup', 'none', '--ready', 'process', '--probe-period', '30ms', '--failure-threshold', '2'];

async function stateOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2)[0];
}

test('the process probe fails for a stopped process until it is continued', async () => {
  await using run = await startPuppet(BRISK);
  await run.line('ready');
  process.kill(run.puppet.pid, 'SIGSTOP');
  assert.match(String((await run.line('unlive'))['reason']), /is stopped/);
  await run.line('unready');
  assert.equal((await run.get('/livez')).status, 503);
  process.kill(run.puppet.pid, 'SIGCONT');
  await run.line('live');
  assert.equal((await run.get('/livez')).status, 200);
});

test('the process probe passes for a process that a debugger holds', { skip: needs('gdb') }, async (t) => {
  await using run = await startPuppet(BRISK);
  const { pid } = run.puppet;
  process.kill(pid, 'SIGSTOP');
  await run.line('unlive');
  const gdb = spawn('gdb', ['-q', '-nx', '-p', String(pid)], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  let output = '';
  for (const stream of [gdb.stdout, gdb.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<'ended'>((resolve) => {
    gdb.once('exit', () => resolve('ended'));
  });
  try {
    const outcome = await until('the debugger holds it, or may not', async () => {
      if ((await stateOf(pid)) === 't') return 'held';
      return /ptrace: |not attach/.test(output) ? 'refused' : null;
    });
    if (outcome === 'refused') {
      t.skip('gdb may not trace here');
      return;
    }
    await run.line('live');
    assert.equal(await stateOf(pid), 't');
  } finally {
    // With its children: it tries on one what it may trace, and one that is left holds the pipes of this test for ever.
    killGroup(gdb.pid ?? 0);
    await soon('the end of gdb', ended);
  }
});

/** Its first thread ends, the second lives on: to the kernel the process is a zombie that nobody can reap yet. */
const ZOMBIE = `
import ctypes, threading, time
threading.Thread(target=lambda: time.sleep(300)).start()
ctypes.CDLL(None).pthread_exit(None)
`;

test('the process probe fails for a zombie', { skip: needs('python3') }, async () => {
  await using run = start(BRISK, ['python3', '-c', ZOMBIE]);
  assert.equal((await run.line('unlive'))['reason'], 'the process is gone');
  assert.equal(await stateOf(await run.appPid()), 'Z');
});
