import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { cleanEnvironment, type Line, type Supervised, start } from '../../rig/supervised.ts';

export type Folder = Disposable & { readonly path: string };

/** A folder that servers that have changed their user may enter. */
export function folder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'program-'));
  chmodSync(path, 0o755);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** No delay and no wait: the app gets its signal at once, and what it does with it is seen. */
export const AT_ONCE: readonly string[] = ['--shutdown-delay', '0', '--drain-connections', 'off'];

/** Runs a program of Debian under k8s-run, with Debian's interpreters first. */
export function startProgram(
  path: string,
  options: readonly string[],
  command: readonly string[],
  more: NodeJS.ProcessEnv = {},
): Supervised {
  const PATH = [dirname(process.execPath), '/usr/sbin', '/usr/bin', '/bin', process.env['PATH']].join(delimiter);
  return start(options, command, { cwd: path, env: { ...cleanEnvironment(), PATH, HOME: path, ...more } });
}

export const isRoot: boolean = process.getuid?.() === 0;

/** The hint about the program; undefined: there was none. */
export function hintIn(run: Supervised): Line | undefined {
  const hints = run.lines().filter(({ event, advice }) => event === 'warning' && advice !== undefined);
  if (hints.length > 1) throw new Error(`more than one hint\n${run.stderr()}`);
  return hints[0];
}
