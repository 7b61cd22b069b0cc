import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { start } from '../rig/supervised.ts';

/**
 * A TERM may come before k8s-run catches anything, before the app is spawned, or just after. It ends all the same: with
 * 143, from the kernel's default action or from k8s-run, and the app does not outlive it.
 */
for (const delay of [0, 2, 5, 10, 20, 30, 40, 50, 60, 80]) {
  test(`a TERM ${delay} ms after the start: 143, and nothing is left`, async () => {
    // No other process has this command line.
    const seconds = `1000.${process.pid}${delay}`;
    await using run = start(['--shutdown-delay', '0s'], ['sleep', seconds]);
    await wait(delay);
    run.kill('SIGTERM');
    const { code, signal } = await run.ended();
    assert.equal(signal === 'SIGTERM' ? 143 : code, 143, run.stderr());
    assert.deepEqual(sleepers(seconds), []);
  });
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
