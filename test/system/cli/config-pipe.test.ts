import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { finish, finishWords } from '../../rig/finished.ts';
import { needs } from '../../rig/needs.ts';

const QUIET = ['--health-port=off', '--ready=none', '--log-level=error'];
const APP = ['sh', '-c', 'exit 7'];
/** Before k8s-run: a shell that gives it something to read. */
const after = (script: string): { prefix: readonly string[] } => ({ prefix: ['sh', '-c', script, 'sh'] });

test('--config reads /dev/stdin to its end, however its writer divides it', async () => {
  const good = await finish([...QUIET, '--config', '/dev/stdin'], APP, after(`printf 'remapExit: {7: 9}' | "$@"`));
  assert.deepEqual([good.code, good.stderr], [9, '']);
  // The second half comes when a third process has ended.
  const parts = after(`{ printf 'grace: 1s\\nrestart: '; sh -c 'exit 0'; printf 'x\\n'; } | "$@"`);
  const bad = await finish([...QUIET, '--config', '/dev/stdin'], APP, parts);
  assert.equal(bad.code, 78);
  assert.match(bad.stderr, /cannot use \/dev\/stdin:2:10 restart /);
});

test('--config reads what a process substitution of bash writes', { skip: needs('bash') }, async () => {
  const prefix = ['bash', '-c', 'exec "$@" --config <(printf "remapExit: {7: 9}") -- sh -c "exit 7"', 'bash'];
  const run = await finishWords(QUIET, { prefix });
  assert.equal(run.code, 9);
});

test('--config waits for the first writer of a FIFO', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'config-'));
  try {
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const writer = after(`printf 'remapExit: {7: 9}' >${fifo} & exec "$@"`);
    assert.equal((await finish([...QUIET, '--config', fifo], APP, writer)).code, 9);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a pipe as --config is read once, for all lives of the app and before k8s-run executes itself again', async () => {
  const restarting = ['--config', '/dev/stdin', '--restart', 'always', '--restart-limit', '1'];
  const run = await finish([...QUIET, ...restarting], APP, after(`printf 'remapExit: {7: 9}' | "$@"`));
  assert.equal(run.code, 9);
  const again = after(`export NODE_OPTIONS=--no-warnings; printf 'remapExit: {7: 9}' | "$@"`);
  assert.equal((await finish([...QUIET, '--config', '/dev/stdin'], APP, again)).code, 9);
});

test('what is no file and no pipe, and what is too long or empty, is a mistake', async () => {
  for (const [script, problem] of [
    ['"$@" </dev/null', /cannot read --config \/dev\/stdin: not a regular file or a pipe/],
    [': | "$@"', /cannot use --config \/dev\/stdin: it is empty/],
    ['yes | "$@"', /cannot read --config \/dev\/stdin: larger than 1 MiB/],
  ] as const) {
    const run = await finish([...QUIET, '--config', '/dev/stdin'], APP, after(script));
    assert.equal(run.code, 78, script);
    assert.match(run.stderr, problem);
  }
});
