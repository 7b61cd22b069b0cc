import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { ask, cleanEnvironment, isRunning, type Supervised, start } from './supervised.ts';

export const EXAMPLES: string = new URL('../../examples/', import.meta.url).pathname;
/** A delay in which a busy machine has asked once for readiness; every other option is that of the example's README. */
export const SHORT_DELAY: readonly string[] = ['--shutdown-delay', '2s'];

/** Runs an example in its folder as its README says, on a free port. */
export function startExample(
  folder: string,
  options: readonly string[],
  command: readonly string[],
  port: number,
): Supervised {
  // The node that runs the tests comes first; /usr/sbin, where Debian has nginx, may not be on PATH.
  const path = [dirname(process.execPath), process.env['PATH'], '/usr/sbin'].join(delimiter);
  return start(options, command, {
    cwd: folder.startsWith('/') ? folder : join(EXAMPLES, folder),
    env: { ...cleanEnvironment(), PATH: path, PORT: String(port) },
  });
}

/** Checks that the example answers. */
export const hello = async (port: number): Promise<void> => {
  assert.deepEqual((await ask(`http://127.0.0.1:${port}/`)).body, 'hello\n');
};

/** Sends SIGTERM and checks readiness, the signal to the app, the exit code, and that no process of its session is left. */
export async function stopInOrder(run: Supervised, code: number, signal: string): Promise<void> {
  const session = await run.appPid();
  assert.equal((await run.get('/readyz')).status, 200);
  run.kill('SIGTERM');
  await run.line('terminating');
  assert.equal((await run.get('/readyz')).status, 503);
  assert.equal((await run.line('stopping'))['signal'], signal);
  assert.deepEqual(await run.ended(), { code, signal: null });
  assert.equal((await run.line('exited'))['code'], code);
  await nothingLeft(session);
}

export async function nothingLeft(session: number): Promise<void> {
  assert.deepEqual(await sessionOf(session), []);
}

/** The running processes of a session: field 6 of /proc/pid/stat. */
export async function sessionOf(session: number): Promise<readonly number[]> {
  const members: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[3] === String(session) && (await isRunning(Number(entry)))) members.push(Number(entry));
  }
  return members;
}
