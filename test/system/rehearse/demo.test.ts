import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { endOf, started } from '../../rig/rehearsing.ts';

const ROOT = new URL('../../../', import.meta.url).pathname;

/** As `npm run demo` has it, from this folder, with the Node that runs this. */
function demo(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { scripts: { demo: string } };
  const absolute = (word: string): string => (/^(bin|examples)\//.test(word) ? `${ROOT}${word}` : word);
  return scripts.demo.split(' ').map((word) => (word === 'node' ? process.execPath : absolute(word)));
}

test('the demo is a rehearsal of a server that dies at once: what it loses without k8s-run, and nothing with it', async () => {
  await using run = started(demo());
  assert.deepEqual(await endOf(run), { code: 0, signal: null }, run.stderr());
  assert.match(run.stdout(), /without, under an init +with k8s-run\n/);
  assert.match(run.stdout(), /requests +[1-9]\d* of \d+ failed +0 of \d+ failed\n/);
  for (const phase of ['starting', 'ready', 'deleted', 'the pause begins', 'the app gets SIGTERM', 'exit code 143'])
    assert.ok(run.stderr().includes(phase), `${phase} in\n${run.stderr()}`);
  assert.ok(!`${run.stdout()}${run.stderr()}`.includes('\u001b'), 'no terminal, no escapes');
  assert.deepEqual(await run.members(), []);
});
