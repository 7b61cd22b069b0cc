import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { killGroup, start } from '../../rig/supervised.ts';
import { nameOf, RELAYED } from './relayed.ts';

/**
 * A fault of k8s-run must end it, and a closed stderr must not end the app. So what it catches is what any node with a
 * child catches (CHLD is libuv's, some are V8's), and the relayed set: nothing for PIPE or the faults.
 */
test('k8s-run catches the relayed signals and what a bare node catches, and ignores no more than a bare node', async () => {
  const script = "require('child_process').spawn('sleep', ['1000']); setInterval(() => {}, 1000)";
  const bare = spawn(process.execPath, ['-e', script], { stdio: 'ignore', detached: true });
  const { pid } = bare;
  assert.ok(pid !== undefined);
  try {
    await using run = start(['--health-port', 'off', '--ready', 'none'], ['sleep', '1000']);
    await run.line('ready');
    const natural = await until('the bare node has spawned', () => {
      const caught = signalsOf(pid, 'SigCgt');
      return caught.has(constants.signals.SIGCHLD) ? caught : null;
    });
    for (const signal of ['SIGPIPE', 'SIGABRT', 'SIGILL', 'SIGFPE', 'SIGSYS'] as const) {
      assert.ok(!natural.has(constants.signals[signal]), `a bare node does not catch ${signal} either`);
    }
    assert.deepEqual(names(signalsOf(run.pid, 'SigCgt')), names(new Set([...natural, ...RELAYED])));
    const ignored = [...signalsOf(pid, 'SigIgn')].filter((signal) => !RELAYED.includes(signal));
    assert.deepEqual(names(signalsOf(run.pid, 'SigIgn')), names(new Set(ignored)));
  } finally {
    killGroup(pid);
  }
});

test('the app starts with every signal at its default and none blocked', async () => {
  await using run = start(['--health-port', 'off'], ['sleep', '1000']);
  const app = await run.appPid();
  // Between fork and exec the child still shows what k8s-run had.
  await until('the app has called exec', () => readFileSync(`/proc/${app}/comm`, 'utf8') === 'sleep\n');
  for (const field of ['SigCgt', 'SigIgn', 'SigBlk'] as const)
    assert.deepEqual(names(signalsOf(app, field)), [], field);
});

test('a fault signal ends k8s-run itself, and is not passed on', async () => {
  await using run = start(['--health-port', 'off'], ['sh', '-c', 'ulimit -c 0; exec sleep 1000'], {
    prefix: ['sh', '-c', 'ulimit -c 0; exec "$@"', 'sh'],
  });
  await run.line('spawned');
  run.kill('SIGABRT');
  assert.deepEqual(await run.ended(), { code: null, signal: 'SIGABRT' });
});

/** A mask of /proc/pid/status as the standard signals in it: see proc_pid_status(5). */
function signalsOf(pid: number, field: 'SigCgt' | 'SigIgn' | 'SigBlk'): Set<number> {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mask = BigInt(`0x${new RegExp(`^${field}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1] ?? ''}`);
  const standard = Array.from({ length: 31 }, (_, index) => index + 1);
  return new Set(standard.filter((signal) => (mask >> BigInt(signal - 1)) & 1n));
}

function names(signals: ReadonlySet<number>): readonly string[] {
  return [...signals].sort((a, b) => a - b).map(nameOf);
}
