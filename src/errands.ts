import type { Clock } from './clock.ts';
import type { Config } from './config/parse.ts';
import type { Room } from './containment.ts';
import type { Dependencies } from './dependencies.ts';
import type { Hooks } from './hooks.ts';
import type { Log } from './log/log.ts';
import { surroundings } from './probing.ts';
import { runHeard } from './process/command.ts';
import type { Shell, Unstamped } from './supervisor.ts';

/** What is done beside the app: waiting for what it needs, hooks, watching what is mounted. Loaded when it is first asked for. */
export type Errands = Pick<Shell, 'awaitDependencies' | 'stopAwaiting' | 'runHook' | 'signalHook'> & {
  /** Begins to watch what `--watch` names. */
  readonly watch: () => void;
};

export type ErrandTools = {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  readonly environment: () => NodeJS.ProcessEnv;
  readonly post: (event: Unstamped) => void;
  /** Runs work whose fault must not end the app. */
  readonly contained: (room: Room, work: () => Promise<void>) => void;
  readonly faulted: (error: Error) => void;
};

export function errands({ config, clock, log, version, environment, post, contained, faulted }: ErrandTools): Errands {
  let hooks: Promise<Hooks> | null = null;
  let dependencies: Promise<Dependencies> | null = null;

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
          answered: (probe, afterMs) => log.write('info', 'answered', `${probe} answers`, { probe, afterMs }),
          met: () => post({ type: 'dependenciesMet' }),
          missing: (detail) => post({ type: 'dependenciesMissing', detail }),
        }),
      );
      use(await dependencies);
    });

  return {
    awaitDependencies: () => withDependencies((room) => room.begin()),
    stopAwaiting: () => withDependencies((room) => room.stop()),
    runHook: ({ hook }) => withHooks((room) => room.run(hook)),
    signalHook({ signal }) {
      if (hooks !== null) withHooks((room) => room.signal(signal));
    },
    watch() {
      if (config.watch.length === 0) return;
      contained('mounted', async () => {
        const { watchMounted } = await import('./mounted/watch.ts');
        for (const path of config.watch) {
          watchMounted(path, {
            after: clock.after,
            changed: () => post({ type: 'mountChanged', path }),
            remarked: (remark) => log.write('warn', 'warning', remark, { path }),
          });
        }
      });
    },
  };
}
