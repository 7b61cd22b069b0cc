import { basename } from 'node:path';
import type { Notice } from '../lifecycle/notice.ts';
import { commandLineOf } from '../linux/procfs.ts';

/** What the log calls the app: never its arguments. */
export type AppName = {
  readonly current: () => string;
  /** Looks again where the app may have executed another program since. */
  readonly noticed: (event: Notice['event']) => void;
  /** Looks again. */
  readonly look: () => void;
};

/** When a wrapper or a script has probably executed its program, and something is about to be said of it. */
const LOOK_AT: ReadonlySet<Notice['event']> = new Set([
  'started',
  'ready',
  'unready',
  'unlive',
  'terminating',
] as const);
/** Words before the script in the command line that the kernel makes of a script: the interpreter and its one argument. */
const BEFORE_SCRIPT = 2;

/** `app`: the app's process; null before it was started. */
export function createAppName(command: readonly string[], app: () => number | null): AppName {
  const first = basename(command[0] ?? '');
  let name = first;
  const look = (): void => {
    const pid = app();
    if (pid !== null) name = programOf(commandLineOf(pid), command) ?? name;
  };
  return {
    current: () => name,
    look,
    noticed(event) {
      // After a restart the wrapper runs again.
      if (event === 'spawned') name = first;
      if (LOOK_AT.has(event)) look();
    },
  };
}

/**
 * The program of a process that was started by `command` and may have executed another one since; null: not known. The name is
 * the first of its words, as it was executed: /proc/<pid>/comm may be the name of a thread (node: MainThread), and the
 * executable of a process of another user may not be read. Of a title (`nginx: master process …`) it is the beginning.
 */
export function programOf(words: readonly string[], command: readonly string[]): string | null {
  const [own, ...rest] = words.map(nameIn);
  const name = command[0] === undefined ? '' : basename(command[0]);
  if (own === undefined || own === '') return null;
  const scripts = rest.slice(0, BEFORE_SCRIPT);
  // Before it executes another program, the app has its own words, behind those of its interpreter if it is a script.
  if (own === name || scripts.includes(name)) return name;
  const given = command.slice(1).map((word) => basename(word));
  // A script that the wrapper was told to execute.
  const script = given.includes(own) ? undefined : scripts.find((each) => each !== '' && given.includes(each));
  return script ?? own;
}

/** '' where a word cannot be the name of a program. */
function nameIn(word: string): string {
  const name = basename(word.replace(/^-/, '').replace(/[:\s].*$/s, ''));
  return /^[\w.+@-]{1,64}$/.test(name) ? name : '';
}
