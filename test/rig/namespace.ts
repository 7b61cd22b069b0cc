import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { listProcesses, type ProcessStat } from '../../src/linux/procfs.ts';
import { until } from './deadline.ts';
import { needs } from './needs.ts';
import { killGroup } from './supervised.ts';

/** A PID namespace, as a container has one: k8s-run is process 1 in it. --kill-child ends it with unshare. */
export const NAMESPACE: readonly string[] = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];

const possible = spawnSync('unshare', [...NAMESPACE.slice(1), 'true']).status === 0;
/** For `skip` of node:test: false, or why there can be no PID namespace, or nothing can be done in it. */
export const noNamespace: string | false =
  needs('unshare', 'nsenter', 'setpriv', 'prlimit') ||
  (possible ? false : 'making a PID namespace takes root (CAP_SYS_ADMIN)');

/** The namespace, and a shell in it that may still rearrange it, before k8s-run is executed: `exec "$@"` is added. */
export function namespaceAfter(script: string, options: readonly string[] = NAMESPACE): readonly string[] {
  return [...options, 'sh', '-c', `${script}; exec "$@"`, 'sh'];
}

/** Process 1 of the namespace that this `unshare` made, by the number that it has out here. */
export function firstIn(unshare: number): Promise<number> {
  return until('unshare has its child', () => childrenIn(unshare)[0] ?? null);
}

/** What the kernel says now: the children of a process, zombies too. */
export function childrenOf(pid: number): readonly ProcessStat[] {
  return listProcesses().filter(({ parent }) => parent === pid);
}

function childrenIn(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

/** Somebody who came in from outside. Disposing ends it and all that it started. */
export type Visitor = AsyncDisposable & {
  /** Out here. */
  readonly pid: number;
  readonly output: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
};

/**
 * Starts a command in the namespace of `first`, as `kubectl exec` does: in a session of its own, and its parent is none
 * of the namespace's processes.
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
