import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { isRunning, killGroup, start } from '../../rig/supervised.ts';

const SLEEP = ['sleep', '300'];
/** With a timeout that a busy machine does not exceed. */
const BRISK = ['--startup', 'none', '--probe-period', '30ms', '--probe-timeout', '30s', '--failure-threshold', '1'];

async function folder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'exec-probe-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

test('an exec probe passes with exit code 0 and names any other', async () => {
  await using scratch = await folder();
  const answer = join(scratch.path, 'answer');
  await writeFile(answer, '0');
  await using run = start([...BRISK, '--ready', `exec:sh -c 'exit $(cat "$0")' ${answer}`], SLEEP);
  await run.line('ready');
  for (const code of [1, 7, 255]) {
    await writeFile(answer, String(code));
    await run.line('unready', ({ reason }) => reason === `sh exited with ${code}`);
    await writeFile(answer, '0');
    await until('ready again', async () => (await run.get('/readyz')).status === 200, run.stderr);
  }
});

test('an exec probe that a signal ends has failed', async () => {
  await using run = start([...BRISK, '--ready', "exec:sh -c 'kill -USR1 $$'"], SLEEP);
  await until('the reason', async () => (await run.get('/readyz')).body === 'sh was ended by signal 10\n', run.stderr);
});

test('the words of an exec probe are split as a shell splits quoted words, and nothing in them is expanded', async () => {
  await using scratch = await folder();
  const record = join(scratch.path, 'words');
  const recorder = `printf "%s|" "$@" > ${record}.new; mv ${record}.new ${record}`;
  const words = `'a b' "c \\"d\\"" e\\ f '' $HOME * ; '$(id)' g"h"'i'`;
  await using run = start([...BRISK, '--ready', `exec:sh -c '${recorder}' sh ${words}`], SLEEP);
  await run.line('ready');
  const expected = ['a b', 'c "d"', 'e f', '', '$HOME', '*', ';', '$(id)', 'ghi'];
  assert.equal(await readFile(record, 'utf8'), `${expected.join('|')}|`);
});

test('an exec probe that exceeds its timeout has failed, and its whole group is killed', async () => {
  await using scratch = await folder();
  const pids = join(scratch.path, 'pids');
  const script = `trap "" TERM; sleep 300 & echo $$ $! >> ${pids}; wait; sleep 300`;
  const noted = async (): Promise<readonly number[]> =>
    (await readFile(pids, 'utf8').catch(() => '')).split(/\s+/).filter(Boolean).map(Number);
  const gone = (pid: number): Promise<unknown> => until(`${pid} is gone`, async () => !(await isRunning(pid)));
  try {
    await using run = start([...BRISK, '--probe-timeout', '300ms', '--ready', `exec:sh -c '${script}'`], SLEEP);
    await until('the reason', async () => (await run.get('/readyz')).body === 'no answer within 300 ms\n', run.stderr);
    const [shell = 0, sleeper = 0] = await until('its pids', async () => {
      const found = await noted();
      return found.length >= 2 ? found : null;
    });
    await gone(shell);
    await gone(sleeper);
    // The one that is under way when the app is stopped goes with it.
    run.kill('SIGTERM');
    await run.ended();
    for (const pid of await noted()) await gone(pid);
  } finally {
    for (const pid of await noted()) killGroup(pid);
  }
});

test('an exec probe is never run twice at a time, however slow it is', async () => {
  await using scratch = await folder();
  const lock = join(scratch.path, 'lock');
  const log = join(scratch.path, 'log');
  const script = `mkdir ${lock} || echo overlap >> ${log}; sleep 0.1; rmdir ${lock}; echo done >> ${log}`;
  await using run = start([...BRISK, '--probe-period', '1ms', '--ready', `exec:sh -c '${script}'`], SLEEP);
  const lines = async (): Promise<readonly string[]> =>
    (await readFile(log, 'utf8').catch(() => '')).trim().split('\n').filter(Boolean);
  await until('five rounds', async () => (await lines()).length >= 5, run.stderr);
  assert.deepEqual([...new Set(await lines())], ['done']);
  run.kill('SIGTERM');
  await run.ended();
});

test('an exec probe that cannot be started is an error of the prober: the app is not ready, and stays live', async () => {
  await using run = start([...BRISK, '--ready', 'exec:/no/such/check', '--live', 'exec:/no/such/check'], SLEEP);
  await run.line('warning', ({ probe }) => probe === 'ready');
  await run.line('warning', ({ probe }) => probe === 'live');
  const ready = await run.get('/readyz');
  assert.equal(ready.status, 503);
  assert.match(ready.body, /^cannot run \/no\/such\/check: no such file/);
  assert.equal((await run.get('/livez')).status, 200);
  assert.ok(!run.events().includes('unlive'));
});

test('a ready app stays ready when its exec probe can no longer be started', async () => {
  await using scratch = await folder();
  // A shell with nothing to read exits 0. A script would not do: it may be gone when its interpreter looks for it.
  const check = join(scratch.path, 'sh');
  await symlink('/bin/sh', check);
  await using run = start([...BRISK, '--ready', `exec:${check}`], SLEEP);
  await run.line('ready');
  await rm(check);
  await run.line('warning', ({ msg }) => msg.startsWith(`cannot run ${check}`));
  assert.equal((await run.get('/readyz')).status, 200);
});

test('the output of an exec probe that prints without end is not kept', async () => {
  const flood = 'exec:sh -c "yes probe-output | head -c 20000000; yes probe-output | head -c 20000000 >&2"';
  await using run = start([...BRISK, '--probe-timeout', '10s', '--ready', flood], SLEEP);
  await run.line('ready');
  assert.ok(!run.stderr().includes('probe-output\n') && run.stdout() === '');
  run.kill('SIGTERM');
  await run.ended();
});
