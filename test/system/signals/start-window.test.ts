import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { cleanEnvironment, start } from '../../rig/supervised.ts';

/**
 * A TERM may come before k8s-run catches anything, before the app is spawned, or just after. It ends all the same: with
 * 143, from the kernel's default action or from k8s-run, and the app does not outlive it.
 */
for (const delay of [0, 2, 5, 10, 20, 30, 40, 50, 60, 80]) {
  test(`a TERM ${delay} ms after the start ends the app, with 143`, () => endsWith143(delay, cleanEnvironment()));
}

/** With variables that Node has acted on k8s-run starts over: the same process, and execve(2) forgets what was caught. */
for (const delay of [20, 25, 30, 35, 40, 45, 50, 55, 60, 70, 80, 100]) {
  test(`a TERM ${delay} ms after the start with NODE_OPTIONS ends the app, with 143`, () =>
    endsWith143(delay, { ...cleanEnvironment(), NODE_OPTIONS: '--max-old-space-size=200' }));
}

async function endsWith143(delay: number, env: NodeJS.ProcessEnv): Promise<void> {
  // No other process has this command line.
  const seconds = `1000.${process.pid}${delay}`;
  await using run = start(['--shutdown-delay', '0s'], ['sleep', seconds], { env });
  await wait(delay);
  run.kill('SIGTERM');
  const { code, signal } = await run.ended();
  assert.equal(signal === 'SIGTERM' ? 143 : code, 143, run.stderr());
  assert.deepEqual(sleepers(seconds), []);
}

function sleepers(seconds: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') === `sleep\0${seconds}\0`;
    } catch {
      return false;
    }
  });
}
