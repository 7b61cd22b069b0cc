import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { EnvironmentReader } from '../environment/app-environment.ts';
import type { UntimedEvent } from '../lifecycle/event.ts';
import type { Leftover, Signal } from '../lifecycle/state.ts';
import { signalName } from '../linux/signal-names.ts';
import type { Log } from '../log/log.ts';
import { type AppProcess, type ProcessGroupMode, SIGCONT, SIGKILL, startAppProcess } from '../process/app-process.ts';
import { leftoverFinder } from '../process/find-leftovers.ts';
import { inheritedChildren, noteInheritedChildren } from '../process/inherited-children.ts';
import { suspendWithApp } from '../process/job-control.ts';
import { type LeftoverSweeper, sweepLeftovers } from '../process/leftover-sweeper.ts';
import { runningCommands } from '../process/run-command.ts';
import type { EffectHandlers } from './event-loop.ts';

/** All that is done to the app and to what it leaves behind, as the effects that the machine asks for. */
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
  /** What it was last started with. */
  readonly environment: () => NodeJS.ProcessEnv;
  /** SIGKILL to the app and to everything below k8s-run, at once and without looking back. */
  readonly killAll: () => void;
};

export type AppEffectsDeps = {
  readonly command: readonly string[];
  readonly program: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly readEnvironment: EnvironmentReader;
  readonly config: Config;
  readonly station: ProcessGroupMode;
  readonly clock: Clock;
  readonly log: Log;
  readonly post: (event: UntimedEvent) => void;
  /** A signal was sent to the app. */
  readonly forwarded: (signal: Signal) => void;
  /** Runs work whose fault must not end the app. */
  readonly contained: (room: 'container', work: () => Promise<void>) => void;
};

/** The app needs a moment to be stopped by the signal that it was just sent; on a busy machine many. */
const SUSPEND_AFTER = 20;
const SUSPEND_LOOKS = 50;

export function createAppEffects({
  command,
  program,
  environment: first,
  readEnvironment,
  config,
  station,
  clock,
  log,
  post,
  forwarded,
  contained,
}: AppEffectsDeps): AppEffects {
  let app: AppProcess | null = null;
  let environment = first;
  let leftovers: LeftoverSweeper | null = null;
  let groupWasTold = false;

  const send = (signal: Signal, scope = config.signalScope): void => {
    try {
      app?.signal(signal, scope);
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code;
      const msg = `cannot send ${signalName(signal)} to ${program}: ${reason}; does it run as another user?`;
      log.write('error', 'warning', msg, { signal: signalName(signal), reason });
    }
  };

  /** What is mounted may hold something new by now. */
  const refresh = (): void => {
    groupWasTold = false;
    leftovers?.forget();
    const read = readEnvironment();
    if ('problems' in read) {
      for (const problem of read.problems)
        log.write('warn', 'warning', `${problem}; ${program} is started with the variables that it had`);
      return;
    }
    for (const remark of read.remarks) log.write('warn', 'warning', remark);
    environment = read.environment;
  };

  const find = (): (() => readonly Leftover[]) =>
    app === null ? () => [] : leftoverFinder(app.pid, () => new Set([...runningCommands, ...inheritedChildren]));

  /** As soon as the app is stopped; not at all when it goes on, as one may that catches the signal. */
  const suspendIn = (looks: number): void => {
    if (looks === 0) return;
    clock.after(SUSPEND_AFTER, () => app !== null && !suspendWithApp(app.pid) && suspendIn(looks - 1));
  };

  const countListeners = async (): Promise<void> => {
    const { listenersOf } = await import('../linux/listeners.ts');
    const found = app === null ? ({ kind: 'unknowable' } as const) : listenersOf(app.pid);
    const ports = found.kind === 'unknowable' ? 'unknown' : found.listeners.length;
    // Other ways in cannot be counted, only known to be there.
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
      // A restart, or a first start that had to wait: changes of --env-dir until now concern no app yet.
      if (app !== null || config.waitFor.length > 0 || config.preStart !== null) refresh();
      startAppProcess(command, environment, station, {
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
      groupWasTold = config.signalScope === 'group';
      send(signal);
      send(SIGCONT);
      forwarded(signal);
    },
    killApp: () => send(SIGKILL, 'group'),
    suspend: () => suspendIn(SUSPEND_LOOKS),
    // After a turn of the event loop: /readyz fails first, then the tables are read.
    countListeners: () => void clock.after(0, () => contained('container', countListeners)),
    findLeftovers() {
      leftovers = sweepLeftovers(find(), clock.after, () => post({ type: 'leftoversGone' }));
      post({ type: 'leftoversFound', leftovers: leftovers.first });
    },
    // Once is enough: a second TERM means "at once" to some.
    stopLeftovers: ({ signal }) =>
      leftovers?.stop(signal, (leftover) => !(groupWasTold && leftover.group === app?.pid)),
    killLeftovers: () => leftovers?.kill(),
  };
}
