import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Counting } from '../connections/monitor.ts';
import type { Room } from '../fault-domain.ts';
import type { Hooks } from '../hooks/runner.ts';
import type { UntimedEvent } from '../lifecycle/event.ts';
import type { Log } from '../log/log.ts';
import { round } from '../log/message.ts';
import type { ProbeEnvironment } from '../probe/registry.ts';
import type { Dependencies } from '../probe/wait-for.ts';
import { runHeard } from '../process/run-command.ts';
import type { Shell } from './event-loop.ts';

/** What is done beside the app: waiting for what it needs, hooks, watching what is mounted, counting connections, giving memory back. Loaded when it is first asked for. */
export type Errands = Pick<
  Shell,
  'awaitDependencies' | 'stopAwaiting' | 'runHook' | 'signalHook' | 'countConnections' | 'stopCounting'
> & {
  /** Begins to watch what `--watch` names. */
  readonly watch: () => void;
  /** Begins to give back the memory that is not needed any more. */
  readonly giveBack: () => void;
};

export type ErrandTools = {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** The app's process; null before it was started. */
  readonly app: () => number | null;
  readonly environment: () => NodeJS.ProcessEnv;
  readonly environmentFor: (app: number) => Promise<ProbeEnvironment>;
  /** What each path of `--watch` held before the app was started. */
  readonly mounted: ReadonlyMap<string, string | null>;
  readonly post: (event: UntimedEvent) => void;
  /** Runs work whose fault must not end the app. */
  readonly contained: (room: Room, work: () => Promise<void>) => void;
  readonly faulted: (error: Error) => void;
};

export function errands({
  config,
  clock,
  log,
  version,
  app,
  environment,
  environmentFor,
  mounted,
  post,
  contained,
  faulted,
}: ErrandTools): Errands {
  let hooks: Promise<Hooks> | null = null;
  let dependencies: Promise<Dependencies> | null = null;
  let counting: Promise<Counting> | null = null;

  const withHooks = (use: (hooks: Hooks) => void): void =>
    contained('hook', async () => {
      hooks ??= import('../hooks/runner.ts').then((room) =>
        room.hooks({
          config,
          clock,
          log,
          version,
          environment,
          runHeard,
          ended: (hook, failure) => post({ type: 'hookEnded', hook, failure }),
        }),
      );
      use(await hooks);
    });

  const withDependencies = (use: (dependencies: Dependencies) => void): void =>
    contained('probe', async () => {
      dependencies ??= import('../probe/wait-for.ts').then((room) =>
        room.dependencies({
          config,
          clock,
          environmentFor,
          faulted,
          answered: (probe, afterMs) =>
            log.write('info', 'answered', `${probe} answers`, { probe, afterMs: round(afterMs) }),
          met: () => post({ type: 'dependenciesMet' }),
          missing: (detail) => post({ type: 'dependenciesMissing', detail }),
        }),
      );
      use(await dependencies);
    });

  const withCounting = (use: (counting: Counting) => void): void =>
    contained('container', async () => {
      counting ??= import('../connections/monitor.ts').then((room) => room.counting({ clock, app, post, contained }));
      use(await counting);
    });

  return {
    awaitDependencies: () => withDependencies((room) => room.begin()),
    stopAwaiting: () => withDependencies((room) => room.stop()),
    runHook: ({ hook }) => withHooks((room) => room.run(hook)),
    signalHook({ signal }) {
      if (hooks !== null) withHooks((room) => room.signal(signal));
    },
    countConnections: ({ closelyFrom }) => withCounting((room) => room.countConnections(closelyFrom)),
    stopCounting: () => withCounting((room) => room.stopCounting()),
    watch() {
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
    giveBack: () =>
      contained('memory', async () => {
        const [{ beThrifty }, reclaim, { allowance }] = await Promise.all([
          import('../resources/memory-trimmer.ts'),
          import('../resources/memory-reclaim.ts'),
          import('../resources/snapshot.ts'),
        ]);
        beThrifty({ after: clock.after, ...reclaim, cpu: allowance });
      }),
  };
}
