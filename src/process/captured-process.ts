import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { clock } from '../clock.ts';
import type { Exit, Signal, SpawnFailure } from '../lifecycle/state.ts';
import { descendantsOf, listProcesses, type ProcessStat } from '../linux/procfs.ts';
import { noteChild } from './adopted-children.ts';
import { send } from './app-process.ts';
import { exitOf, spawnFailure } from './exit-code.ts';

const { SIGKILL } = constants.signals;

/** A program in its own session, whose output is read by lines. */
export type CapturedProcess = {
  readonly pid: number;
  /** Resolves after its exit. Processes that it started may have its pipes open for longer, so their end is not waited for. */
  readonly exited: Promise<Exit>;
  /** Signals this process alone; does nothing once it has exited. */
  readonly signal: (signal: Signal) => void;
  /** Sends SIGKILL to its session and to all its descendants. */
  readonly kill: () => void;
};

/** A longer line is cut, because an app may print forever without a newline. */
const MAX_LINE = 16_384;
/** Milliseconds without new output after which all of it was read, and how many times this is checked at most. */
const QUIET_TIME = 10;
const MAX_CHECKS = 50;

/** Starts a program in exactly this environment; `printed` is called for each line of its stdout and stderr. */
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
    noteChild(child);
    let running = true;
    const exited = new Promise<Exit>((ended) => {
      child.once('exit', (code, signal) => {
        running = false;
        whenOutputIsRead(() => size)
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
        const targets = [...descendantsOf(pid, processes), ...processes.filter(({ session }) => session === pid)];
        // After its exit its pid may be another process's; the session keeps the number while it has members.
        if (running) send(-pid, SIGKILL);
        killAll(targets.filter((stat) => running || stat.pid !== pid));
      },
    });
  });
}

/** Sends SIGKILL to all descendants of this process but those in `spared`. */
export function killDescendants(spared: ReadonlySet<number> = new Set()): void {
  killAll(descendantsOf(process.pid, listProcesses()).filter(({ pid }) => pid !== process.pid && !spared.has(pid)));
}

function killAll(processes: readonly ProcessStat[]): void {
  for (const { pid } of processes) send(pid, SIGKILL);
}

/**
 * Waits until the output from before the exit was read, which may still be in the pipes. Their end is not waited for, because
 * children may have them open and print forever: it is enough when no output came for QUIET_TIME.
 */
async function whenOutputIsRead(size: () => number): Promise<void> {
  for (let checks = 0, before = -1; checks < MAX_CHECKS && before !== size(); checks += 1) {
    before = size();
    await new Promise<void>((resolve) => void clock.after(QUIET_TIME, resolve));
  }
}

function readLines(stream: Readable, printed: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  stream.on('error', () => {});
  stream.on('data', (part: Buffer) => {
    const lines = (rest + decoder.write(part)).split('\n');
    rest = (lines.pop() ?? '').slice(-MAX_LINE);
    for (const line of lines) printed(line.slice(-MAX_LINE));
  });
  stream.once('end', () => {
    if (rest !== '') printed(rest);
  });
}
