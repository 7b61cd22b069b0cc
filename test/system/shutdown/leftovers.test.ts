import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { finish, lastLine } from '../../rig/finished.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { isRunning, type Line } from '../../rig/supervised.ts';

test('what the app leaves behind is named and ended; the exit code stays the app’s', async () => {
  // A child has its own name only once it has called exec.
  const named = 'until [ "$(cat /proc/$!/comm)" = sleep ]; do :; done';
  const run = await finish([], ['sh', '-c', `sleep 1000 & ${named}; sleep 1000 & ${named}; exit 3`]);
  assert.equal(run.code, 3);
  const [line] = run.lines.filter(({ event }) => event === 'leftovers');
  assert.equal(line?.['signal'], 'SIGTERM');
  const left = leftoversIn(line);
  assert.deepEqual(
    left.map(({ program }) => program),
    ['sleep', 'sleep'],
  );
  for (const { pid, program } of left) {
    assert.match(String(line?.msg), new RegExp(`${program} \\(${pid}\\)`));
    assert.equal(await isRunning(pid), false);
  }
  assert.deepEqual([lastLine(run)['code'], lastLine(run)['cause']], [3, 'exited']);
  assert.ok(!run.events.includes('killing'));
});

test('a stopped leftover is continued, so that it sees the signal', async () => {
  const run = await finish([], ['sh', '-c', 'sleep 1000 & kill -STOP $!; exit 0']);
  assert.equal(run.code, 0);
  const [left] = leftoversIn(run.lines.find(({ event }) => event === 'leftovers'));
  assert.equal(await isRunning(left?.pid ?? 0), false);
  assert.ok(!run.events.includes('killing'));
});

test('leftovers that ignore TERM are killed when the grace of the shutdown is over', async () => {
  await using run = await startPuppet(['--shutdown-delay', '0', '--grace', '3s']);
  await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 7 });
  // exec keeps what is ignored: signal(7).
  const command = ['sh', '-c', 'trap "" TERM; exec sleep 1000'];
  const left = await run.puppet.tell<number>({ do: 'spawn', command, detached: false });
  await ignoresTerm(left);
  run.kill('SIGTERM');
  assert.equal((await run.ended()).code, 7);
  assert.equal((await run.line('killing'))['why'], 'leftovers');
  assert.equal(await isRunning(left), false);
  assert.equal(run.lines().at(-1)?.event, 'exited');
});

test('an app that puts itself into the background is warned about, with its usual foreground flag', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'k8s-run-'));
  try {
    const daemon = join(folder, 'nginx');
    await writeFile(daemon, '#!/bin/sh\nsleep 1000 &\n');
    await chmod(daemon, 0o755);
    const run = await finish([], [daemon]);
    assert.equal(run.code, 0);
    const warning = run.lines.find(({ event }) => event === 'leftovers');
    assert.equal(warning?.level, 'warn');
    assert.match(String(warning?.msg), /foreground: nginx -g 'daemon off;'/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

async function ignoresTerm(pid: number): Promise<void> {
  const ignored = async (): Promise<boolean> => {
    const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
    return ((BigInt(`0x${mask}`) >> 14n) & 1n) === 1n;
  };
  await until('the leftover ignores TERM', ignored);
}

function leftoversIn(line: Line | undefined): readonly { readonly pid: number; readonly program: string }[] {
  return (line?.['leftovers'] ?? []) as readonly { readonly pid: number; readonly program: string }[];
}
