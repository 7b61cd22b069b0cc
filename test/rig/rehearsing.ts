import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { BIN, cleanEnvironment, killGroup } from './supervised.ts';

export const APP: string = new URL('rehearsed-app.js', import.meta.url).pathname;

/** Short times: the rules do not depend on them. */
export const SHORT: readonly string[] = ['--settle=300ms', '--lag=200ms', '--shutdown-delay=1500ms', '--grace=1s'];

/** Every process of a run has it in its environment, with a value of its own for each run. */
const MARK = 'REHEARSAL_UNDER_TEST';

export type Rehearsing = AsyncDisposable & {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** Whatever of the run is alive. */
  readonly members: () => Promise<readonly number[]>;
};

/** Starts `k8s-run rehearse` with these words. Disposing ends all that is left of it. */
export function rehearsing(words: readonly string[], variables: Readonly<Record<string, string>> = {}): Rehearsing {
  return started([process.execPath, BIN, 'rehearse', ...words], variables);
}

export function started(
  [program = '', ...args]: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Rehearsing {
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
  const members = (): Promise<readonly number[]> => markedWith(`${MARK}=${value}`);
  return {
    child,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    ended: new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal }))),
    members,
    async [Symbol.asyncDispose]() {
      for (const pid of await members()) killGroup(pid);
    },
  };
}

/** Much of a rehearsal is waiting, and the machine may be busy: more than for one fact. */
const PATIENCE = 100_000;

/** The end of a whole rehearsal; rejects with all that it said when it takes too long. */
export async function endOf(run: Rehearsing): Promise<Awaited<Rehearsing['ended']>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const said = (): string => `${run.stderr()}${run.stdout()}`;
    timer = setTimeout(() => reject(new Error(`no end in ${PATIENCE} ms:\n${said()}`)), PATIENCE);
  });
  try {
    return await Promise.race([run.ended, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A zombie's environment is empty, so it is no member. */
async function markedWith(mark: string): Promise<readonly number[]> {
  const members: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const environment = await readFile(`/proc/${entry}/environ`, 'latin1').catch(() => '');
    if (environment.split('\0').includes(mark)) members.push(Number(entry));
  }
  return members;
}
