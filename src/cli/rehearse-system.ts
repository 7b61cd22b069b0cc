import { constants } from 'node:os';
import { clock } from '../clock.ts';
import { askHealth } from '../health/ask.ts';
import { readListeners } from '../linux/listener-table.ts';
import { isLoopback, listenersOf, listeningInodes, mayBeInspector, stillListens } from '../linux/listeners.ts';
import { descendantsOf, hasEnded, listProcesses, type ProcessStat, signalMasksOf } from '../linux/procfs.ts';
import { createProbe } from '../probe/registry.ts';
import { send } from '../process/app-process.ts';
import { killDescendants, startCapturedProcess } from '../process/captured-process.ts';
import { startKillGuard } from '../process/kill-guard.ts';
import { runCommand, runningCommands } from '../process/run-command.ts';
import { failedProbeIn } from '../rehearse/pod/probe-failure.ts';
import { isFree } from '../rehearse/ports.ts';
import { sleep } from '../rehearse/sleep.ts';
import type { System } from '../rehearse/system.ts';
import { VERSION } from '../version.ts';

const { SIGKILL } = constants.signals;

/** unshare(1) for root, and for others where the kernel allows everybody to create user namespaces. */
const PID_NAMESPACE_PREFIXES: readonly (readonly string[])[] = [
  ['unshare', '--pid', '--fork', '--kill-child'],
  ['unshare', '--user', '--map-current-user', '--pid', '--fork', '--kill-child'],
];
/** SIGKILL takes effect within milliseconds, but for a process that waits in the kernel (state D). */
const GONE_WITHIN = 5_000;
const LOOK_EVERY = 10;
/** Milliseconds for an answer of the health server. */
const STATUS_WITHIN = 1_000;

export type RehearsalSystem = System & {
  /** Whether this process started the child itself, so that nobody else may wait for it. */
  readonly isOwnChild: (pid: number) => boolean;
  /** The processes of the rehearsal that still run. */
  readonly running: () => readonly ProcessStat[];
  /** Ends the guard, which then kills nothing. */
  readonly dismissGuard: () => void;
};

/** `environment`: of this process. */
export function openRehearsalSystem(environment: NodeJS.ProcessEnv): RehearsalSystem {
  const guard = startKillGuard();
  const groups = new Set<number>();
  const guardGroups = (): void => guard.watch([...groups]);
  const children = new Set<number>([guard.pid]);
  const killed = new Set<number>();
  const running = (): readonly ProcessStat[] => {
    const processes = listProcesses();
    const family = [...descendantsOf(process.pid, processes), ...processes.filter(({ pid }) => killed.has(pid))];
    return family.filter((stat) => stat.pid !== process.pid && stat.pid !== guard.pid && !hasEnded(stat));
  };
  return {
    version: VERSION,
    isOwnChild: (pid) => children.has(pid) || runningCommands.has(pid),
    running,
    dismissGuard: guard.dismiss,
    async startProcess(words, variables, printed) {
      const started = await startCapturedProcess(words, variables, printed);
      if (!('pid' in started)) return started;
      children.add(started.pid);
      started.exited.then(() => children.delete(started.pid)).catch(() => {});
      const kill = (): void => {
        // Where this process is not a subreaper they cannot be found any more once their parent has exited.
        for (const { pid } of descendantsOf(started.pid, listProcesses())) killed.add(pid);
        started.kill();
      };
      return { ...started, kill };
    },
    runCommand,
    async pidNamespacePrefix() {
      for (const prefix of PID_NAMESPACE_PREFIXES) {
        const end = await runCommand([...prefix, 'true'], environment, new AbortController().signal);
        if (end.kind === 'ended' && end.exit.kind === 'code' && end.exit.code === 0) return prefix;
      }
      return null;
    },
    firstChildOf: (pid) => listProcesses().find(({ parent }) => parent === pid)?.pid ?? null,
    probe(spec, app, variables) {
      const probe = createProbe(spec, {
        ...{ app, version: VERSION, now: clock.now },
        processes: { stateOf: () => 'unknown' as const },
        sockets: { listenersOf, listeningInodes, stillListens, isLoopback, mayBeInspector },
        runCommand: (words, cancelled) => runCommand(words, { ...environment, ...variables }, cancelled),
      });
      return async (cancelled) => {
        const answer = await probe(cancelled);
        return answer.kind === 'passed' ? null : answer.reason;
      };
    },
    async failedProbeAt(port) {
      const hosts = ['127.0.0.1', '::1'];
      const agent = `k8s-run-rehearse/${VERSION}`;
      const reply = await askHealth({ hosts, port, path: '/statusz', agent, limit: STATUS_WITHIN, after: clock.after });
      return 'status' in reply ? failedProbeIn(reply.body) : null;
    },
    listeningPorts(pid) {
      const found = listenersOf(pid);
      return found.kind === 'unknowable' ? null : [...new Set(found.listeners.map(({ port }) => port))];
    },
    isPortFree: isFree,
    signalHandling(pid) {
      const masks = signalMasksOf(pid);
      if (masks === null) return null;
      return (signal) => {
        if (masks.caught(signal)) return 'caught';
        // The kernel keeps a blocked signal, even one that is ignored (kernel/signal.c, sig_ignored).
        if (masks.blocked(signal)) return 'blocked';
        return masks.ignored(signal) ? 'ignored' : 'default';
      };
    },
    isListening: (port) => readListeners(process.pid)?.some((listener) => listener.port === port) ?? null,
    killGuard: {
      add(group) {
        groups.add(group);
        guardGroups();
      },
      remove(group) {
        groups.delete(group);
        guardGroups();
      },
    },
    sendSignal: send,
    killGroup: (group) => send(-group, SIGKILL),
    async endDescendants() {
      for (const end = clock.now() + GONE_WITHIN; clock.now() < end; await sleep(LOOK_EVERY)) {
        killDescendants(new Set([guard.pid]));
        if (running().length === 0) return;
      }
    },
  };
}
