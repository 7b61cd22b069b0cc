import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { ConnectionMonitor } from '../connections/monitor.ts';
import type { FaultDomain } from '../fault-domain.ts';
import type { CarefulSignals } from '../hooks/careful-signal.ts';
import type { PostMortemRunner } from '../hooks/post-mortem.ts';
import type { HookRunner } from '../hooks/runner.ts';
import type { UntimedEvent } from '../lifecycle/event.ts';
import type { HookName, PostMortemHook, Signal } from '../lifecycle/state.ts';
import type { Log } from '../log/log.ts';
import { round } from '../log/message.ts';
import type { ProbeEnvironment } from '../probe/registry.ts';
import type { DependencyWait } from '../probe/wait-for.ts';
import { send } from '../process/app-process.ts';
import { runWithOutput } from '../process/run-command.ts';
import type { EffectHandlers } from './event-loop.ts';

/**
 * Effects whose modules are loaded when they are first needed, so that the app's start does not wait for them: `--wait-for`,
 * hooks, `--watch`, counting connections, and memory trimming.
 */
export type DeferredEffects = Pick<
  EffectHandlers,
  | 'awaitDependencies'
  | 'stopAwaiting'
  | 'runHook'
  | 'signalHook'
  | 'runPostMortem'
  | 'endPostMortem'
  | 'passOnOnceCaught'
  | 'countConnections'
  | 'stopCounting'
> & {
  /** The app is told to stop: signals that wait until it catches them are forgotten. */
  readonly forgetSignals: () => void;
  /** Begins to watch the paths of `--watch`. */
  readonly watchMounted: () => void;
  /** Calls `requestsCut` for what the end of the app and of its leftovers has cut, if it was not yet; takes 50 ms at most. */
  readonly settleConnections: () => Promise<void>;
  /** Begins to return unused memory to the kernel. */
  readonly trimMemory: () => void;
};

export type DeferredEffectsDeps = {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** The app's process; null before it was started. */
  readonly app: () => number | null;
  /** The same while it runs; else null. */
  readonly runningApp: () => number | null;
  /** Passes a signal on to the app. */
  readonly passOn: (signal: Signal) => void;
  /** A signal was sent to the app. */
  readonly forwarded: (signal: Signal) => void;
  /** The command of a post-mortem hook has printed a line. */
  readonly printed: (hook: PostMortemHook, line: string) => void;
  readonly environment: () => NodeJS.ProcessEnv;
  /** What a hook has besides. */
  readonly hookVariables: (hook: HookName | PostMortemHook) => NodeJS.ProcessEnv;
  readonly environmentFor: (app: number) => Promise<ProbeEnvironment>;
  readonly program: () => string;
  /** How many readers `--events` and `--node-drain` have at this moment. */
  readonly readers: () => number;
  /** What each path of `--watch` held before the app was started. */
  readonly mounted: ReadonlyMap<string, string | null>;
  readonly post: (event: UntimedEvent) => void;
  readonly requestsCut: (count: number) => void;
  /** Runs work whose fault must not end the app. */
  readonly contained: (domain: FaultDomain, work: () => Promise<void>) => void;
  readonly faulted: (error: Error) => void;
};

export function createDeferredEffects({
  config,
  clock,
  log,
  version,
  app,
  runningApp,
  passOn,
  forwarded,
  printed,
  environment,
  hookVariables,
  environmentFor,
  program,
  readers,
  mounted,
  post,
  requestsCut,
  contained,
  faulted,
}: DeferredEffectsDeps): DeferredEffects {
  let hooks: Promise<HookRunner> | null = null;
  let postMortem: Promise<PostMortemRunner> | null = null;
  let careful: Promise<CarefulSignals> | null = null;
  let dependencies: Promise<DependencyWait> | null = null;
  let connections: Promise<ConnectionMonitor> | null = null;

  const withHooks = (use: (hooks: HookRunner) => void): void =>
    contained('hooks', async () => {
      hooks ??= import('../hooks/runner.ts').then((room) =>
        room.createHookRunner({
          config,
          clock,
          log,
          version,
          environment,
          variables: hookVariables,
          runWithOutput,
          ended: (hook, failure) => post({ type: 'hookEnded', hook, failure }),
        }),
      );
      use(await hooks);
    });

  const withPostMortem = (use: (postMortem: PostMortemRunner) => void): void =>
    contained('hooks', async () => {
      postMortem ??= import('../hooks/post-mortem.ts').then((room) =>
        room.createPostMortemRunner({
          ...{ config, clock, log, environment, runWithOutput, send, forwarded, printed },
          app: runningApp,
          variables: hookVariables,
          ended: (hook, result) => post({ type: 'postMortemEnded', hook, result }),
        }),
      );
      use(await postMortem);
    });

  const withCareful = (use: (careful: CarefulSignals) => void): void =>
    contained('hooks', async () => {
      careful ??= import('../hooks/careful-signal.ts').then((room) =>
        room.createCarefulSignals({ clock, log, program, app: runningApp, pass: passOn }),
      );
      use(await careful);
    });

  const withDependencies = (use: (dependencies: DependencyWait) => void): void =>
    contained('probe', async () => {
      dependencies ??= import('../probe/wait-for.ts').then((room) =>
        room.createDependencyWait({
          config,
          clock,
          environmentFor,
          faulted,
          answered: (probe, afterMs) =>
            log.write('info', 'answered', `${probe} has answered`, { probe, afterMs: round(afterMs) }),
          met: () => post({ type: 'dependenciesMet' }),
          missing: (detail) => post({ type: 'dependenciesMissing', detail }),
        }),
      );
      use(await dependencies);
    });

  const reused = (port: number): void =>
    contained('connections', async () => {
      const { sayReuse } = await import('./kept-alive.ts');
      sayReuse({ app: app(), program: program(), port, readers: readers() }, config, log);
    });

  const withConnections = (use: (connections: ConnectionMonitor) => void): void =>
    contained('connections', async () => {
      connections ??= import('../connections/monitor.ts').then((room) =>
        room.createConnectionMonitor({ clock, app, post, requestsCut, reused, contained }),
      );
      use(await connections);
    });

  return {
    awaitDependencies: () => withDependencies((room) => room.begin()),
    stopAwaiting: () => withDependencies((room) => room.stop()),
    runHook: ({ hook }) => withHooks((room) => room.run(hook)),
    signalHook({ signal }) {
      if (hooks !== null) withHooks((room) => room.signal(signal));
    },
    runPostMortem: ({ hook, reason }) => withPostMortem((room) => room.run(hook, reason)),
    endPostMortem: ({ hook }) => withPostMortem((room) => room.end(hook)),
    passOnOnceCaught: ({ signal, cause, received }) =>
      withCareful((room) =>
        room.send(signal, cause === 'received' ? 'received before the start' : `--${cause}`, () =>
          post({ type: 'signalSent', signal, cause, received }),
        ),
      ),
    forgetSignals() {
      if (careful !== null) withCareful((room) => room.forget());
    },
    countConnections: ({ shortestIntervalFrom, signalled }) =>
      withConnections((room) => room.countConnections(shortestIntervalFrom, signalled)),
    stopCounting() {
      if (connections !== null) withConnections((room) => room.stopCounting());
    },
    settleConnections: async () => (await connections)?.settle(),
    watchMounted() {
      if (config.watch.length === 0) return;
      contained('mounted', async () => {
        const { watchMounted } = await import('../mounted/watch.ts');
        for (const path of config.watch) {
          watchMounted(path, {
            before: mounted.get(path) ?? null,
            after: clock.after,
            changed: () => post({ type: 'mountChanged', path }),
            remarked: (remark) => log.write('warn', 'warning', remark, { path }),
          });
        }
      });
    },
    trimMemory: () =>
      contained('resources', async () => {
        const [{ startMemoryTrimmer }, reclaim, { readResourceSnapshot }] = await Promise.all([
          import('../resources/memory-trimmer.ts'),
          import('../resources/memory-reclaim.ts'),
          import('../resources/snapshot.ts'),
        ]);
        startMemoryTrimmer({ after: clock.after, ...reclaim, cpu: readResourceSnapshot });
      }),
  };
}
