import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { clock } from '../clock.ts';
import type { Exit, Signal, SpawnFailure } from '../lifecycle/state.ts';
import { descendantsOf, listProcesses, type ProcessStat } from '../linux/procfs.ts';
import { SIGKILL, send } from './app-process.ts';
import { exitOf, spawnFailure } from './exit-code.ts';

/** A program in a session of its own, whose output is read and not kept. */
export type CapturedProcess = {
  readonly pid: number;
  /** Resolves when it has ended itself; what it started may hold its pipes for longer, so their end is not waited for. */
  readonly exited: Promise<Exit>;
  /** To it alone; no error when it has ended. */
  readonly signal: (signal: Signal) => void;
  /** SIGKILL to all that still can be told to be its: its session, and whatever descends from it. */
  readonly kill: () => void;
};

/** A line is cut here: an app may print for ever without a newline. */
const LONGEST_LINE = 16_384;
/** Milliseconds, and how many of them an app that goes on printing is read for after its exit. */
const MOMENT = 10;
const MOST_LOOKS = 50;

/** Starts a program in the given environment and nothing else; `printed` gets each line of its stdout and stderr. */
export function startCapturedProcess(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  printed: (line: string) => void,
): Promise<CapturedProcess | SpawnFailure> {
  const [program = '', ...args] = words;
  return new Promise((resolve) => {
    let child: ReturnType<typeof spawn>;
    try {
      child = spawn(program, args, { env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    } catch (error) {
      resolve(spawnFailure(error as NodeJS.ErrnoException));
      return;
    }
    const { pid } = child;
    if (pid === undefined) {
      child.once('error', (error) => resolve(spawnFailure(error)));
      return;
    }
    let running = true;
    const exited = new Promise<Exit>((ended) => {
      child.once('exit', (code, signal) => {
        running = false;
        whenRead(() => size)
          .finally(() => ended(exitOf(code, signal)))
          .catch(() => {});
      });
    });
    let size = 0;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (part: Buffer) => {
        size += part.length;
      });
      if (stream !== null) readLines(stream, printed);
    }
    resolve({
      pid,
      exited,
      signal: (signal) => {
        if (running) send(pid, signal);
      },
      kill() {
        const processes = listProcesses();
        const family = [...descendantsOf(pid, processes), ...processes.filter(({ session }) => session === pid)];
        // Once it has ended its number may be a stranger's; what is left of its session still carries it.
        if (running) send(-pid, SIGKILL);
        killAll(family.filter((stat) => running || stat.pid !== pid));
      },
    });
  });
}

/** Ends whatever descends from this process but the ones named, until nothing is left to end. */
export function killDescendants(spared: ReadonlySet<number> = new Set()): void {
  killAll(descendantsOf(process.pid, listProcesses()).filter(({ pid }) => pid !== process.pid && !spared.has(pid)));
}

function killAll(processes: readonly ProcessStat[]): void {
  for (const { pid } of processes) send(pid, SIGKILL);
}

/**
 * What it wrote last is in the pipes when its exit is told. Their end is not waited for, for its children may hold them and
 * print for ever; a moment that brings nothing new is enough.
 */
async function whenRead(size: () => number): Promise<void> {
  for (let looks = 0, before = -1; looks < MOST_LOOKS && before !== size(); looks += 1) {
    before = size();
    await new Promise<void>((resolve) => void clock.after(MOMENT, resolve));
  }
}

function readLines(stream: Readable, printed: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  stream.on('error', () => {});
  stream.on('data', (part: Buffer) => {
    const lines = (rest + decoder.write(part)).split('\n');
    rest = (lines.pop() ?? '').slice(-LONGEST_LINE);
    for (const line of lines) printed(line.slice(-LONGEST_LINE));
  });
  stream.once('end', () => {
    if (rest !== '') printed(rest);
  });
}
