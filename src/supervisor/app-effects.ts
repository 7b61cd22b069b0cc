import { constants } from 'node:os';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { EnvironmentReader } from '../environment/app-environment.ts';
import type { UntimedEvent } from '../lifecycle/event.ts';
import type { Leftover, Signal } from '../lifecycle/state.ts';
import { signalName } from '../linux/signal-names.ts';
import type { Log } from '../log/log.ts';
import { type AppProcess, type ProcessGroupMode, startAppProcess } from '../process/app-process.ts';
import { leftoverFinder } from '../process/find-leftovers.ts';
import { inheritedChildren, noteInheritedChildren } from '../process/inherited-children.ts';
import { suspendWithApp } from '../process/job-control.ts';
import { type LeftoverSweeper, sweepLeftovers } from '../process/leftover-sweeper.ts';
import { killedRemains, runningCommands } from '../process/run-command.ts';
import type { EffectHandlers } from './event-loop.ts';

const { SIGCONT, SIGKILL } = constants.signals;

/** The effects on the app's process and on its leftovers. */
export type AppEffects = Pick<
  EffectHandlers,
  | 'spawn'
  | 'passOn'
  | 'stopApp'
  | 'killApp'
  | 'suspend'
  | 'countListeners'
  | 'findLeftovers'
  | 'stopLeftovers'
  | 'killLeftovers'
> & {
  /** The app's process; null before it was started. Its number stays after its exit. */
  readonly pid: () => number | null;
  /** The environment it was last started with. */
  readonly environment: () => NodeJS.ProcessEnv;
  /** Sends SIGKILL to the app and to all descendants of k8s-run, once. */
  readonly killAll: () => void;
};

export type AppEffectsDeps = {
  readonly command: readonly string[];
  readonly program: () => string;
  readonly environment: NodeJS.ProcessEnv;
  readonly readEnvironment: EnvironmentReader['read'];
  readonly config: Config;
  readonly groupMode: ProcessGroupMode;
  readonly clock: Clock;
  readonly log: Log;
  readonly post: (event: UntimedEvent) => void;
  /** A signal was sent to the app. */
  readonly forwarded: (signal: Signal) => void;
  /** Runs work whose fault must not end the app. */
  readonly contained: (domain: 'connections', work: () => Promise<void>) => void;
};

/** kill(2): EPERM. */
const NO_CAP_KILL =
  '; it runs as another user, and k8s-run has no CAP_KILL: add the capability KILL to the container, or start k8s-run as the user of the app';

/** Milliseconds between two looks whether the signal has stopped the app, and how many looks. */
const SUSPEND_AFTER = 20;
const SUSPEND_LOOKS = 50;

export function createAppEffects({
  command,
  program,
  environment: first,
  readEnvironment,
  config,
  groupMode,
  clock,
  log,
  post,
  forwarded,
  contained,
}: AppEffectsDeps): AppEffects {
  let app: AppProcess | null = null;
  let environment = first;
  let leftovers: LeftoverSweeper | null = null;
  let groupWasSignalled = false;

  const send = (signal: Signal, scope = config.signalScope): void => {
    try {
      app?.signal(signal, scope);
    } catch (error) {
      // It follows the stop signal, which had the same error.
      if (signal === SIGCONT) return;
      const reason = (error as NodeJS.ErrnoException).code;
      const msg = `cannot send ${signalName(signal)} to ${program()}: ${reason}${reason === 'EPERM' ? NO_CAP_KILL : ''}`;
      log.write('error', 'warning', msg, { signal: signalName(signal), reason });
    }
  };

  /** Reads the environment again, because mounted files may have changed. */
  const refreshEnvironment = (): void => {
    groupWasSignalled = false;
    leftovers?.forget();
    const read = readEnvironment();
    if ('problems' in read) {
      for (const problem of read.problems)
        log.write('warn', 'warning', `${problem}; ${program()} starts with the variables it had before`);
      return;
    }
    for (const remark of read.remarks) log.write('warn', 'warning', remark);
    environment = read.environment;
  };

  const find = (): (() => readonly Leftover[]) =>
    app === null
      ? () => []
      : leftoverFinder(app.pid, () => new Set([...runningCommands, ...killedRemains, ...inheritedChildren]));

  /** Suspends k8s-run once the app is stopped; not at all when the app catches the signal and goes on. */
  const suspendIn = (looks: number): void => {
    if (looks === 0) return;
    clock.after(SUSPEND_AFTER, () => app !== null && !suspendWithApp(app.pid) && suspendIn(looks - 1));
  };

  const countListeners = async (): Promise<void> => {
    const { listenersOf } = await import('../linux/listeners.ts');
    const found = app === null ? ({ kind: 'unknowable' } as const) : listenersOf(app.pid);
    const ports = found.kind === 'unknowable' ? 'unknown' : found.listeners.length;
    // UDP and Unix sockets are not counted; it is enough to know that there are some.
    const others =
      app !== null && ports === 0 && (await import('../linux/other-listeners.ts')).otherListenersOf(app.pid) === 'some';
    post({ type: 'listenersCounted', count: others ? 'unknown' : ports });
  };

  return {
    pid: () => app?.pid ?? null,
    environment: () => environment,
    killAll() {
      send(SIGKILL, 'group');
      sweepLeftovers(find(), clock.after, () => {}).kill();
    },
    spawn() {
      if (app === null) noteInheritedChildren();
      // A restart, or a first start that had to wait: files of --env-dir may have changed since they were read.
      if (app !== null || config.waitFor.length > 0 || config.preStart !== null) refreshEnvironment();
      startAppProcess(command, environment, groupMode, {
        spawned(started) {
          app = started;
          post({ type: 'spawned', pid: started.pid });
        },
        failed: (failure) => post({ type: 'spawnFailed', failure }),
        exited: (exit) => post({ type: 'childExited', exit }),
      });
    },
    passOn({ signal }) {
      send(signal);
      forwarded(signal);
    },
    stopApp({ signal }) {
      groupWasSignalled = config.signalScope === 'group';
      send(signal);
      send(SIGCONT);
      forwarded(signal);
    },
    killApp: () => send(SIGKILL, 'group'),
    suspend: () => suspendIn(SUSPEND_LOOKS),
    // After a turn of the event loop, so that /readyz fails before the socket tables are read.
    countListeners: () => void clock.after(0, () => contained('connections', countListeners)),
    findLeftovers() {
      leftovers = sweepLeftovers(find(), clock.after, () => post({ type: 'leftoversGone' }));
      post({ type: 'leftoversFound', leftovers: leftovers.first });
    },
    // Not twice, because some servers take a second TERM as "stop at once".
    stopLeftovers: ({ signal }) =>
      leftovers?.stop(signal, (leftover) => !(groupWasSignalled && leftover.group === app?.pid)),
    killLeftovers: () => leftovers?.kill(),
  };
}
