import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { BIN, cleanEnvironment, killGroup } from './supervised.ts';

export const APP: string = new URL('rehearsed-app.js', import.meta.url).pathname;

/** Short times and few requests: the rules do not depend on them, and several rehearsals run at once, also on a slow machine. */
export const SHORT_TIMES: readonly string[] = [
  '--rate=20',
  '--settle=300ms',
  '--lag=200ms',
  '--shutdown-delay=1500ms',
  '--grace=1s',
];

/** Each process of a rehearsal has this variable, with a value of its own for each rehearsal. */
const MARK = 'REHEARSAL_UNDER_TEST';

export type RunningRehearsal = AsyncDisposable & {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** The processes of the rehearsal that run. */
  readonly processes: () => Promise<readonly number[]>;
};

/** Starts `k8s-run rehearse` with these words. Disposing kills all that is left of it. */
export function startRehearsal(
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): RunningRehearsal {
  return startCommand([process.execPath, BIN, 'rehearse', ...words], variables);
}

/** The same for a whole command line. */
export function startCommand(
  [program = '', ...args]: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): RunningRehearsal {
  const value = randomUUID();
  const child = spawn(program, args, {
    env: { ...cleanEnvironment(), ...variables, [MARK]: value },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (part: string) => {
      text[name] += part;
    });
  }
  const processes = (): Promise<readonly number[]> => processesWith(`${MARK}=${value}`);
  return {
    child,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    ended: new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal }))),
    processes,
    async [Symbol.asyncDispose]() {
      for (const pid of await processes()) killGroup(pid);
    },
  };
}

/** Longer than for a single fact: much of a rehearsal is waiting, and the machine may be busy. */
const END_WITHIN = 100_000;

/** Waits for the end of a whole rehearsal; rejects with its output when it takes too long. */
export async function endOf(rehearsal: RunningRehearsal): Promise<Awaited<RunningRehearsal['ended']>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const output = (): string => `${rehearsal.stderr()}${rehearsal.stdout()}`;
    timer = setTimeout(() => reject(new Error(`no end within ${END_WITHIN} ms:\n${output()}`)), END_WITHIN);
  });
  try {
    return await Promise.race([rehearsal.ended, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The environment of a zombie is empty, so a zombie does not count. */
async function processesWith(variable: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const environment = await readFile(`/proc/${entry}/environ`, 'latin1').catch(() => '');
    if (environment.split('\0').includes(variable)) found.push(Number(entry));
  }
  return found;
}
