import { basename } from 'node:path';
import { listenersOf } from '../linux/listeners.ts';
import { commandLineOf, executableOf, listProcesses, processesOfApp } from '../linux/procfs.ts';

/** A shutdown in which clients send further requests on connections that they keep open. */
export type KeptAlive = {
  /** The app's process. */
  readonly app: number;
  readonly program: string;
  /** The app's port that such a connection goes to. */
  readonly port: number;
  /** `--node-drain`. */
  readonly nodeDrain: boolean;
  /** The app is told of the shutdown in a way of its own: `--events`, `--drain-signal`. */
  readonly isTold: boolean;
  /** How many readers the events socket has at this moment. */
  readonly readers: number;
};

/**
 * What the user could do about it; null: nothing that is known. With `--node-drain` and no reader its preload is not in effect:
 * NODE_OPTIONS was replaced on the way, or the app is not Node.
 */
export function keptAliveHint({ app, program, port, nodeDrain, isTold, readers }: KeptAlive): string | null {
  const fact = `clients go on sending requests to ${program} on connections that they keep open`;
  if (nodeDrain && readers === 0) {
    return `${fact}, and --node-drain has no effect: no process of ${program} reads the events of k8s-run; does NODE_OPTIONS reach the process that serves, and is that Node?`;
  }
  if (nodeDrain || isTold || !serversOf(app, port).some(isNode)) return null;
  return `${fact}, and some of these may fail when it exits; it serves with Node, so --node-drain has these clients leave before that`;
}

/** The processes that listen on this port; all of the app's, where that cannot be known. */
function serversOf(app: number, port: number): readonly number[] {
  const found = listenersOf(app);
  const listeners = found.kind === 'unknowable' ? [] : found.listeners;
  const holders = listeners.flatMap((each) => (each.port === port && each.holder !== null ? [each.holder.pid] : []));
  return holders.length > 0 ? holders : processesOfApp(app, listProcesses()).map(({ pid }) => pid);
}

/** By the executable, because an app may give itself any title; by the title where the executable is another user's. */
function isNode(pid: number): boolean {
  const name = basename(executableOf(pid) ?? commandLineOf(pid)[0] ?? '');
  return /^node(js|-?\d+)?( \(deleted\))?$/.test(name);
}
