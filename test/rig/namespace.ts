import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { listProcesses, type ProcessStat } from '../../src/linux/procfs.ts';
import { until } from './deadline.ts';
import { needs } from './needs.ts';
import { killGroup } from './supervised.ts';

/** For `prefix` of a start: k8s-run is PID 1 of a new PID namespace, as in a container. --kill-child ends it with unshare. */
export const NAMESPACE: readonly string[] = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];

const possible = spawnSync('unshare', [...NAMESPACE.slice(1), 'true']).status === 0;
/** For `skip` of node:test: false, or why no PID namespace can be used. */
export const noNamespace: string | false =
  needs('unshare', 'nsenter', 'setpriv', 'prlimit') ||
  (possible ? false : 'making a PID namespace takes root (CAP_SYS_ADMIN)');

/** A PID namespace in which a shell runs `script` before it executes k8s-run. */
export function namespaceAfter(script: string, options: readonly string[] = NAMESPACE): readonly string[] {
  return [...options, 'sh', '-c', `${script}; exec "$@"`, 'sh'];
}

/** The pid, in our namespace, of PID 1 of the namespace that this `unshare` made. */
export function firstIn(unshare: number): Promise<number> {
  return until('unshare has its child', () => childrenIn(unshare)[0] ?? null);
}

/** The children of a process, zombies included. */
export function childrenOf(pid: number): readonly ProcessStat[] {
  return listProcesses().filter(({ parent }) => parent === pid);
}

function childrenIn(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

/** A process that entered the namespace from outside. Disposing kills its group. */
export type Visitor = AsyncDisposable & {
  /** In our namespace. */
  readonly pid: number;
  readonly output: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
};

/**
 * Starts a command in the namespace of `first`, as `kubectl exec` does: in its own session, and with a parent outside the
 * namespace.
 */
export function visit(first: number, command: readonly string[]): Visitor {
  const words = ['--target', String(first), '--pid', '--mount', ...command];
  const child = spawn('nsenter', words, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const { pid } = child;
  if (pid === undefined) throw new Error('cannot start nsenter');
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const ended: Visitor['ended'] = new Promise((resolve) =>
    child.once('exit', (code, signal) => resolve({ code, signal })),
  );
  return {
    pid,
    output: () => output,
    ended,
    async [Symbol.asyncDispose]() {
      killGroup(pid);
      await ended;
    },
  };
}
