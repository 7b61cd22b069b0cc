import type { Cancel, Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { describeProbe, type ProbeSpec } from '../config/probe-spec.ts';
import { createProbe, type ProbeEnvironment } from './registry.ts';
import { type ProbeWorker, startProbeWorker } from './worker.ts';

/** Waits for the dependencies that must answer before the app is started. */
export type DependencyWait = {
  /** Probes all of `--wait-for` until each has passed, or `--wait-timeout` is over. */
  readonly begin: () => void;
  readonly stop: () => void;
};

export type DependencyWaitDeps = {
  readonly config: Config;
  readonly clock: Clock;
  readonly environmentFor: (app: number) => Promise<ProbeEnvironment>;
  readonly faulted: (error: Error) => void;
  readonly answered: (probe: string, afterMs: number) => void;
  readonly met: () => void;
  /** `detail`: the dependencies that did not answer, each with its last failure. */
  readonly missing: (detail: string) => void;
};

/**
 * Milliseconds: soon enough to notice a dependency that comes up, and seldom enough not to overload it while a hundred pods
 * wait for it.
 */
const PROBE_PERIOD = 1_000;
/** There is no app yet; --wait-for takes no probe that needs one. */
const NO_APP = 0;

export function createDependencyWait({ config, clock, ...deps }: DependencyWaitDeps): DependencyWait {
  const waiting = new Map<ProbeSpec, { worker: ProbeWorker | null; reason: string }>();
  let cancelLimit: Cancel = () => {};

  const stop = (): void => {
    cancelLimit();
    for (const { worker } of waiting.values()) worker?.stop();
    waiting.clear();
  };

  const begin = async (): Promise<void> => {
    const begunAt = clock.now();
    cancelLimit = clock.after(config.waitTimeout, () => {
      const named = [...waiting].map(([spec, { reason }]) => `${describeProbe(spec)} (${reason})`);
      stop();
      deps.missing(named.join(', '));
    });
    const environment = await deps.environmentFor(NO_APP);
    for (const spec of config.waitFor) {
      const slot: { worker: ProbeWorker | null; reason: string } = { worker: null, reason: 'not probed yet' };
      waiting.set(spec, slot);
      const schedule = {
        ...{ period: PROBE_PERIOD, timeout: config.probeTimeout, successThreshold: 1, failureThreshold: 1 },
        runsCommand: spec.kind === 'exec',
      };
      const initial = { kind: 'pending', cause: 'not probed', reason: slot.reason } as const;
      slot.worker = startProbeWorker(
        { probe: createProbe(spec, environment), schedule, initial },
        {
          now: clock.now,
          after: clock.after,
          changed(standing) {
            if (standing.kind !== 'passing') {
              slot.reason = standing.reason;
              return;
            }
            slot.worker?.stop();
            if (!waiting.delete(spec)) return;
            deps.answered(describeProbe(spec), clock.now() - begunAt);
            if (waiting.size > 0) return;
            stop();
            deps.met();
          },
          remarked: () => {},
          probed: () => {},
          faulted: deps.faulted,
        },
      );
    }
  };

  return { begin: () => void begin().catch(deps.faulted), stop };
}
