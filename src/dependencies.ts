import type { Clock } from './clock.ts';
import type { Config } from './config/parse.ts';
import type { Standing } from './lifecycle/state.ts';
import { describeProbe, type ProbeSpec } from './probe/spec.ts';
import type { CommandEnd } from './process/command.ts';

/** What the app must not be started without. */
export type Dependencies = {
  /** Asks all of `--wait-for` until each has answered, or `--wait-timeout` is over. */
  readonly await: () => void;
  readonly stop: () => void;
};

export type DependencyTools = {
  readonly config: Config;
  readonly clock: Clock;
  readonly version: string;
  readonly runCommand: (words: readonly string[], cancelled: AbortSignal) => Promise<CommandEnd>;
  readonly contained: (work: () => Promise<void>) => void;
  readonly faulted: (error: Error) => void;
  readonly answered: (probe: string, afterMs: number) => void;
  readonly met: () => void;
  /** `detail`: which did not answer, and what each said last. */
  readonly missing: (detail: string) => void;
};

/** A database that comes up is seen at once by the second; one that is asked more often only has more to do. */
const ASK_EVERY = 1_000;

export function dependencies(tools: DependencyTools): Dependencies {
  const { config, clock } = tools;
  const pollers = new Map<ProbeSpec, { stop: () => void }>();
  const reasons = new Map<ProbeSpec, string>(config.waitFor.map((spec) => [spec, 'not asked yet']));
  let cancelLimit = (): void => {};

  const stop = (): void => {
    cancelLimit();
    for (const poller of pollers.values()) poller.stop();
    pollers.clear();
  };

  const begin = async (): Promise<void> => {
    const begunAt = clock.now();
    cancelLimit = clock.after(config.waitTimeout, () => {
      stop();
      const named = [...reasons].map(([spec, reason]) => `${describeProbe(spec)} (${reason})`);
      tools.missing(named.join(', '));
    });
    const [{ probeFor }, { poll }] = await Promise.all([import('./probe/probe.ts'), import('./probe/poller.ts')]);
    for (const spec of reasons.keys()) {
      const ask = probeFor(spec, {
        app: 0,
        version: tools.version,
        now: clock.now,
        sockets: unasked,
        processes: unasked,
        runCommand: tools.runCommand,
      });
      const settled = (standing: Standing): void => {
        if (standing.kind !== 'passing') {
          reasons.set(spec, standing.reason);
          return;
        }
        if (!reasons.delete(spec)) return;
        pollers.get(spec)?.stop();
        tools.answered(describeProbe(spec), clock.now() - begunAt);
        if (reasons.size > 0) return;
        stop();
        tools.met();
      };
      const rhythm = { period: ASK_EVERY, timeout: config.probeTimeout, successThreshold: 1, failureThreshold: 1 };
      const initial = { kind: 'pending', reason: 'not asked yet' } as const;
      const poller = poll(ask, rhythm, initial, {
        now: clock.now,
        after: clock.after,
        changed: settled,
        remarked: (remark) => reasons.has(spec) && reasons.set(spec, remark),
        faulted: tools.faulted,
      });
      pollers.set(spec, poller);
    }
  };

  return { await: () => tools.contained(begin), stop };
}

/** The probes of the app itself are no dependencies; the options table refuses them. */
const unasked = new Proxy({} as never, {
  get() {
    throw new Error('internal error: a dependency is asked of the app');
  },
});
