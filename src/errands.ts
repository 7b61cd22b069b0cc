import type { Clock } from './clock.ts';
import type { Config } from './config/parse.ts';
import type { Room } from './containment.ts';
import type { Counting } from './counting.ts';
import type { Dependencies } from './dependencies.ts';
import type { Hooks } from './hooks.ts';
import type { Log } from './log/log.ts';
import { round } from './log/sentence.ts';
import { surroundings } from './probing.ts';
import { runHeard } from './process/command.ts';
import type { Shell, Unstamped } from './supervisor.ts';

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
  /** What each path of `--watch` held before the app was started. */
  readonly mounted: ReadonlyMap<string, string | null>;
  readonly post: (event: Unstamped) => void;
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
      hooks ??= import('./hooks.ts').then((room) =>
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
      dependencies ??= import('./dependencies.ts').then((room) =>
        room.dependencies({
          config,
          clock,
          version,
          environment,
          surroundings,
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
      counting ??= import('./counting.ts').then((room) => room.counting({ clock, app, post, contained }));
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
        const { watchMounted } = await import('./mounted/watch.ts');
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
          import('./memory/thrift.ts'),
          import('./memory/reclaim.ts'),
          import('./container/allowance.ts'),
        ]);
        beThrifty({ after: clock.after, ...reclaim, cpu: allowance });
      }),
  };
}
