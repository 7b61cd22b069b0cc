import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { soon, until } from '../../rig/deadline.ts';
import { APP, type RunningRehearsal, SHORT_TIMES, startRehearsal } from '../../rig/run-rehearsal.ts';

/** Moments of a rehearsal, by its output. The preflight prints nothing, but starts processes. */
const MOMENTS: readonly (readonly [name: string, output: RegExp | null])[] = [
  ['the preflight', null],
  ['the start of the first replicas', /web-1 +starting/],
  ['a rollout', /deleted/],
];

function start(): RunningRehearsal {
  const options = [...SHORT_TIMES, '--compare', '--init', '--replicas=1'];
  return startRehearsal([...options, '--', process.execPath, APP, 'reloads on SIGTERM']);
}

describe('a rehearsal that is stopped', { concurrency: 5 }, () => {
  for (const [name, output] of MOMENTS) {
    test(`a rehearsal that gets SIGINT during ${name} exits with 130 and leaves no process behind`, async () => {
      await using run = start();
      if (output === null) await until('an app', async () => (await run.processes()).length >= 3, run.stderr);
      else await until(name, () => output.test(run.stderr()), run.stderr);
      run.child.kill('SIGINT');
      assert.deepEqual(await soon('the end', run.ended, run.stderr), { code: 130, signal: null });
      assert.deepEqual(await run.processes(), []);
      assert.match(run.stderr(), /Stopped by SIGINT; every process of the rehearsal has exited/);
      assert.equal(run.stdout(), '');
    });
  }

  test('a rehearsal that gets SIGTERM exits with 143 and leaves no process behind', async () => {
    await using run = start();
    await until('a replica', () => /web-1 +starting/.test(run.stderr()), run.stderr);
    run.child.kill('SIGTERM');
    assert.equal((await soon('the end', run.ended, run.stderr)).code, 143);
    assert.deepEqual(await run.processes(), []);
  });

  test('after SIGKILL to a rehearsal its guard ends the replicas, and what they started in other sessions', async () => {
    await using run = start();
    await until('a deletion', () => /deleted/.test(run.stderr()), run.stderr);
    run.child.kill('SIGKILL');
    await until('no process is left', async () => (await run.processes()).length === 0);
  });
});
