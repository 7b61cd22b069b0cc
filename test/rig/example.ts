import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { ask, cleanEnvironment, isRunning, type Supervised, start } from './supervised.ts';

export const EXAMPLES: string = new URL('../../examples/', import.meta.url).pathname;
/** Short, for the test's sake; every other option is what the example's README says. */
export const PAUSE: readonly string[] = ['--shutdown-delay', '800ms'];

/** Runs an example in its folder as its README does, on a port of its own. */
export function startExample(
  folder: string,
  options: readonly string[],
  command: readonly string[],
  port: number,
): Supervised {
  // The node that runs the tests comes first, and /usr/sbin, where Debian keeps nginx, is not on everybody's path.
  const path = [dirname(process.execPath), process.env['PATH'], '/usr/sbin'].join(delimiter);
  return start(options, command, {
    cwd: folder.startsWith('/') ? folder : join(EXAMPLES, folder),
    env: { ...cleanEnvironment(), PATH: path, PORT: String(port) },
  });
}

/** The example answers. */
export const hello = async (port: number): Promise<void> => {
  assert.deepEqual((await ask(`http://127.0.0.1:${port}/`)).body, 'hello\n');
};

/** SIGTERM through readiness, pause and signal to the exit; nothing of the app's session is left. */
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

/** Who lives in the session that the app was started in: field 6 of /proc/pid/stat. */
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
