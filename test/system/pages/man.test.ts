import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { manPage } from '../../../scripts/man.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { OPTIONS, type Option, variableFor } from '../../../src/config/options/table.ts';
import { needs } from '../../rig/needs.ts';

const FILE = new URL('../../../man/k8s-run.1', import.meta.url).pathname;
const PAGE = readFileSync(FILE, 'utf8');

test('man/k8s-run.1 is what `npm run docs` writes', async () => {
  assert.equal(PAGE, await manPage());
});

test('man/k8s-run.1 has every option, its variable, and every command', () => {
  const text = PAGE.replaceAll('\\-', '-');
  for (const option of Object.values(OPTIONS) as readonly Option<unknown>[]) {
    assert.ok(text.includes(`\\fB--${option.flag}\\fR`), option.flag);
    assert.ok(text.includes(`\\fB${variableFor(option)}\\fR`), option.flag);
  }
  for (const name of Object.keys(COMMANDS)) assert.ok(text.includes(`.SS k8s-run ${name}\n`), name);
});

test('a name of Kubernetes at the beginning of a sentence of man/k8s-run.1 stays as it is', () => {
  assert.match(PAGE, /^terminationGracePeriodSeconds of the pod;/m);
  assert.match(PAGE, /^Time from the end of the delay until SIGKILL\.$/m);
});

test('groff shows man/k8s-run.1 without a warning', { skip: needs('groff') }, () => {
  const run = spawnSync('groff', ['-man', '-ww', '-Tutf8', '-P-cbou', FILE], { encoding: 'utf8' });
  assert.deepEqual([run.status, run.stderr], [0, '']);
  assert.match(run.stdout, /--shutdown-delay/);
  assert.doesNotMatch(run.stdout, /\\f[BIR]|^\.[A-Z]{2}/m);
});
