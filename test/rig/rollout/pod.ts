import { type ChildProcess, spawn } from 'node:child_process';
import { cleanEnvironment, type Line, linesOf } from '../supervised.ts';
import type { Contender, OnTerm } from './contenders.ts';

const APP = new URL('app.js', import.meta.url).pathname;

/** The processes that stand for a pod: the app, and whoever it is started by. */
export type Pod = {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Where the kubelet asks whether it is ready; null while that is not known. */
  readonly readiness: () => string | null;
  readonly exited: Promise<void>;
  readonly isOver: () => boolean;
  readonly signal: (signal: 'SIGTERM') => void;
  /** SIGKILL to all of it, as the kubelet does when its patience is over. */
  readonly kill: () => void;
  /** What k8s-run logged so far, and what anybody wrote to stderr. */
  readonly lines: () => readonly Line[];
  readonly stderr: () => string;
};

/** Starts one on a port that nobody else of this run has ever had, so that a late connection cannot reach another pod. */
export function startPod({ command, health }: Contender, onTerm: OnTerm, port: number): Pod {
  const [program = '', ...args] = command([process.execPath, APP, onTerm]);
  const child = spawn(program, args, {
    env: { ...cleanEnvironment(), PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start ${program}: is it installed?`);
  const stdout = textOf(child.stdout);
  const stderr = textOf(child.stderr);
  const lines = (): readonly Line[] => linesOf(stderr());
  let over = false;
  const kill = (): void => {
    for (const each of [pid, Number(stdout())]) if (each > 0 && !over) signalIfThere(each, 'SIGKILL');
  };
  living.add(kill);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      over = true;
      living.delete(kill);
      resolve();
    });
  });
  return {
    name: `pod ${pid}`,
    host: '127.0.0.1',
    port,
    exited,
    lines,
    stderr,
    kill,
    isOver: () => over,
    signal: (signal) => {
      if (!over) signalIfThere(pid, signal);
    },
    readiness() {
      if (health === 'app') return `http://127.0.0.1:${port}/ready`;
      const line = lines().find(({ event }) => event === 'starting');
      return line === undefined ? null : `${String(line['health']).replace('[::]', '127.0.0.1')}/readyz`;
    },
  };
}

/** Whatever becomes of the process that plays the cluster, no pod outlives it. */
const living = new Set<() => void>();
process.on('exit', () => {
  for (const kill of living) kill();
});

function textOf(stream: ChildProcess['stdout']): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  return () => text;
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}
