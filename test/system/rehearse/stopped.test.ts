import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { soon, until } from '../../rig/deadline.ts';
import { APP, rehearsing, SHORT } from '../../rig/rehearsing.ts';

/** Moments of a rehearsal, each by what was said last. */
const MOMENTS: readonly (readonly [name: string, said: RegExp | null])[] = [
  ['while it looks at the app', null],
  ['while the first replicas start', /web-1 +starting/],
  ['in the middle of a rollout', /deleted/],
];

describe('a rehearsal that is stopped leaves nothing running', { concurrency: 5 }, () => {
  const begin = (): ReturnType<typeof rehearsing> =>
    rehearsing([...SHORT, '--compare', '--init', '--replicas=1', '--', process.execPath, APP, 'ignores']);
  for (const [name, said] of MOMENTS) {
    test(`by SIGINT, ${name}`, async () => {
      await using run = begin();
      if (said === null) await until('an app', async () => (await run.members()).length >= 3, run.stderr);
      else await until(name, () => said.test(run.stderr()), run.stderr);
      run.child.kill('SIGINT');
      assert.deepEqual(await soon('the end', run.ended, run.stderr), { code: 130, signal: null });
      assert.deepEqual(await run.members(), []);
      assert.match(run.stderr(), /all that was started has been ended/);
      assert.equal(run.stdout(), '');
    });
  }

  test('by SIGTERM: 143', async () => {
    await using run = begin();
    await until('a replica', () => /web-1 +starting/.test(run.stderr()), run.stderr);
    run.child.kill('SIGTERM');
    assert.equal((await soon('the end', run.ended, run.stderr)).code, 143);
    assert.deepEqual(await run.members(), []);
  });

  test('by SIGKILL, which nobody can catch: who guards it ends the replicas', async () => {
    await using run = begin();
    await until('a deletion', () => /deleted/.test(run.stderr()), run.stderr);
    run.child.kill('SIGKILL');
    // Nor what they have started in sessions of its own.
    await until('nothing is left', async () => (await run.members()).length === 0);
  });
});
