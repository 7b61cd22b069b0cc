import { type ChildProcess, spawn } from 'node:child_process';
import { selfSigned } from '../certificate.ts';
import { cleanEnvironment, type Line, linesOf } from '../supervised.ts';
import type { Contender, OnTerm } from './contenders.ts';

const APP = new URL('app.js', import.meta.url).pathname;
const { key, cert } = selfSigned();

/** The processes of a simulated pod: the app, and its supervisor if there is one. */
export type Pod = {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** The URL of its readiness probe; null: not known yet. */
  readonly readiness: () => string | null;
  readonly exited: Promise<void>;
  readonly isOver: () => boolean;
  readonly signal: (signal: 'SIGTERM') => void;
  /** Sends SIGKILL to all its processes, as the kubelet does after the grace period. */
  readonly kill: () => void;
  /** The log of k8s-run, and all of stderr. */
  readonly lines: () => readonly Line[];
  readonly stderr: () => string;
};

/** Starts a pod on a port that no other pod of this run has had, so that a late connection cannot reach another pod. */
export function startPod({ command, health, protocol }: Contender, onTerm: OnTerm, port: number): Pod {
  const [program = '', ...args] = command([process.execPath, APP, onTerm]);
  const child = spawn(program, args, {
    env: { ...cleanEnvironment(), PORT: String(port), PROTOCOL: protocol, TLS_KEY: key, TLS_CERT: cert },
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
  running.add(kill);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      over = true;
      running.delete(kill);
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

/** The kill functions of running pods, so that no pod outlives this process. */
const running = new Set<() => void>();
process.on('exit', () => {
  for (const kill of running) kill();
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
