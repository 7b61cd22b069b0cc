import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { listProcesses } from '../../../src/linux/procfs.ts';
import { until } from '../../rig/deadline.ts';
import { childrenOf, firstIn, NAMESPACE, noNamespace, visit } from '../../rig/namespace.ts';
import { needs } from '../../rig/needs.ts';
import { isRunning, start } from '../../rig/supervised.ts';

const QUICK = ['--ready', 'none', '--shutdown-delay', '0', '--grace', '1s'];
/** A daemon as they were: two forks, a session of its own, nothing held open. */
const DAEMON = 'import os,time\nif os.fork(): os._exit(0)\nos.setsid()\nif os.fork(): os._exit(0)\ntime.sleep(1000)\n';

const TREES: Readonly<Record<string, readonly [string, number]>> = {
  'sh -c "a & b & wait"': ['sleep 1000 & sleep 1000 & wait', 2],
  'a daemon that forks twice': [`python3 -c '${DAEMON}'; exec sleep 1000`, 2],
  'a process that changes its session': ['setsid sleep 1000 & exec sleep 1000', 2],
  'one that ignores TERM': ['(trap "" TERM; exec sleep 1000) & exec sleep 1000', 2],
};

describe('the whole tree is ended', { skip: noNamespace }, () => {
  for (const [name, [script, sleepers]] of Object.entries(TREES)) {
    test(`TERM ends the whole tree of ${name}`, { skip: script.includes('python3') && needs('python3') }, async () => {
      await using run = start(QUICK, ['sh', '-c', script], { prefix: NAMESPACE });
      const first = await firstIn(run.pid);
      const tree = await until(`${sleepers} sleepers`, () => sleepersBelow(first, sleepers), run.stderr);
      process.kill(first, 'SIGTERM');
      assert.equal((await run.ended()).code, 143);
      for (const pid of tree) assert.equal(await isRunning(pid), false);
    });
  }

  test('TERM ends the whole tree of npm start', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'k8s-run-'));
    try {
      const scripts = { start: 'sleep 1000' };
      await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'x', version: '1.0.0', scripts }));
      await using run = start(QUICK, ['npm', 'start'], { prefix: NAMESPACE, cwd: folder });
      const first = await firstIn(run.pid);
      const tree = await until('npm’s sleep', () => sleepersBelow(first, 1), run.stderr);
      process.kill(first, 'SIGTERM');
      assert.notEqual((await run.ended()).code, 0);
      for (const pid of tree) assert.equal(await isRunning(pid), false);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('a shell that entered from outside, and its child, get no signal and do not delay the exit', async () => {
    await using run = start(QUICK, ['sleep', '1000'], { prefix: NAMESPACE });
    await run.line('ready');
    const first = await firstIn(run.pid);
    const heard =
      'for s in TERM HUP INT CONT QUIT; do trap "echo heard $s" $s; done; sleep 1000 & echo here; wait; wait; wait';
    await using visitor = visit(first, ['sh', '-c', heard]);
    await until('the visitor', () => visitor.output() === 'here\n');
    process.kill(first, 'SIGTERM');
    assert.equal((await run.ended()).code, 143);
    assert.ok(!run.events().includes('leftovers') && !run.events().includes('killing'), run.stderr());
    // The kernel ends it with the namespace, by KILL; nothing else reached it.
    await visitor.ended;
    assert.equal(visitor.output(), 'here\n');
  });

  test('TERM ends an app that is stopped', async () => {
    await using run = start(QUICK, ['sh', '-c', 'kill -STOP $$; sleep 1000'], { prefix: NAMESPACE });
    const first = await firstIn(run.pid);
    await until('it is stopped', () => childrenOf(first).some(({ state }) => state === 'T'));
    process.kill(first, 'SIGTERM');
    assert.equal((await run.ended()).code, 143);
  });

  test('KILL to process 1 from outside ends every process of the namespace', async () => {
    const script = 'setsid sleep 1000 & exec sleep 1000';
    await using run = start(QUICK, ['sh', '-c', script], { prefix: NAMESPACE });
    const first = await firstIn(run.pid);
    const tree = await until('two sleepers', () => sleepersBelow(first, 2));
    process.kill(first, 'SIGKILL');
    await run.ended();
    for (const pid of tree) await until(`the end of ${pid}`, async () => !(await isRunning(pid)));
  });
});

/** The pids, out here, of so many idle processes below process 1, once they are there. */
function sleepersBelow(first: number, count: number): readonly number[] | null {
  const below = new Set([first]);
  const all = listProcesses();
  for (const pid of below) for (const child of all) if (child.parent === pid) below.add(child.pid);
  const found = all.filter(
    ({ pid, program, state }) => below.has(pid) && state === 'S' && /^(sleep|python3)/.test(program),
  );
  return found.length >= count ? found.map(({ pid }) => pid) : null;
}
