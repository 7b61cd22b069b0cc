import type { Cancel, Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { describeProbe, type ProbeSpec } from '../config/probe-spec.ts';
import { createProbe, type ProbeEnvironment } from './registry.ts';
import { type ProbeWorker, startProbeWorker } from './worker.ts';

/** What the app must not be started without. */
export type DependencyWait = {
  /** Asks all of `--wait-for` until each has answered, or `--wait-timeout` is over. */
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
  /** `detail`: which did not answer, and what each said last. */
  readonly missing: (detail: string) => void;
};

/** Once a second: who comes up is seen soon, and who has a hundred pods waiting for it is not kept from coming up. */
const ASK_EVERY = 1_000;
/** There is no app yet; the options table has no probe of the app here. */
const NO_APP = 0;

export function createDependencyWait({ config, clock, ...tools }: DependencyWaitDeps): DependencyWait {
  const waiting = new Map<ProbeSpec, { poller: ProbeWorker | null; reason: string }>();
  let cancelLimit: Cancel = () => {};

  const stop = (): void => {
    cancelLimit();
    for (const { poller } of waiting.values()) poller?.stop();
    waiting.clear();
  };

  const begin = async (): Promise<void> => {
    const from = clock.now();
    cancelLimit = clock.after(config.waitTimeout, () => {
      const named = [...waiting].map(([spec, { reason }]) => `${describeProbe(spec)} (${reason})`);
      stop();
      tools.missing(named.join(', '));
    });
    const around = await tools.environmentFor(NO_APP);
    for (const spec of config.waitFor) {
      const slot: { poller: ProbeWorker | null; reason: string } = { poller: null, reason: 'not probed yet' };
      waiting.set(spec, slot);
      const rhythm = { period: ASK_EVERY, timeout: config.probeTimeout, successThreshold: 1, failureThreshold: 1 };
      slot.poller = startProbeWorker(
        createProbe(spec, around),
        rhythm,
        { kind: 'pending', cause: 'not probed', reason: slot.reason },
        {
          now: clock.now,
          after: clock.after,
          changed(standing) {
            if (standing.kind !== 'passing') {
              slot.reason = standing.reason;
              return;
            }
            slot.poller?.stop();
            if (!waiting.delete(spec)) return;
            tools.answered(describeProbe(spec), clock.now() - from);
            if (waiting.size > 0) return;
            stop();
            tools.met();
          },
          remarked: () => {},
          answered: () => {},
          faulted: tools.faulted,
        },
      );
    }
  };

  return { begin: () => void begin().catch(tools.faulted), stop };
}
