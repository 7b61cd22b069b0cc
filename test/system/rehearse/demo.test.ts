import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { endOf, startCommand } from '../../rig/run-rehearsal.ts';

const ROOT = new URL('../../../', import.meta.url).pathname;

/** The command of `npm run demo`, with absolute paths and the Node that runs this test. */
function demo(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { scripts: { demo: string } };
  const absolute = (word: string): string => (/^(bin|examples)\//.test(word) ? `${ROOT}${word}` : word);
  return scripts.demo.split(' ').map((word) => (word === 'node' ? process.execPath : absolute(word)));
}

test('the demo rehearses a server that dies at once on SIGTERM: it loses requests without k8s-run, and none with it', async () => {
  await using run = startCommand(demo());
  assert.deepEqual(await endOf(run), { code: 0, signal: null }, run.stderr());
  assert.match(run.stdout(), /without, under an init +with k8s-run\n/);
  assert.match(run.stdout(), /requests +[1-9]\d* of \d+ failed +0 of \d+ failed\n/);
  for (const event of [
    'starting',
    'ready',
    'deleted',
    'the delay begins',
    'the app gets SIGTERM',
    'exited with code 143',
  ])
    assert.ok(run.stderr().includes(event), `${event} in\n${run.stderr()}`);
  assert.ok(!`${run.stdout()}${run.stderr()}`.includes('\u001b'), 'escape sequences without a terminal');
  assert.deepEqual(await run.processes(), []);
});
