import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Port } from '../health/port.ts';
import { serveHealth } from '../health/server.ts';
import { statusOf } from '../health/status.ts';
import type { Policy } from '../lifecycle/policy.ts';
import type { State } from '../lifecycle/state.ts';
import { verdicts } from '../lifecycle/verdict.ts';
import { maxDescriptorsOf } from '../linux/process-usage.ts';
import type { Log } from '../log/log.ts';
import type { MetricsRecorder } from '../metrics/recorder.ts';
import type { ProbeManager } from '../probe/manager.ts';
import type { OrphanReaper } from '../process/orphan-reaper.ts';
import { createMemoryGuard } from '../resources/memory-guard.ts';
import { collect, resident, trim } from '../resources/memory-reclaim.ts';
import { VERSION } from '../version.ts';

/** The sources of the health server's answers. */
export type HealthSources = {
  readonly port: Port;
  readonly program: () => string;
  readonly config: Config;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly log: Pick<Log, 'dropped'>;
  readonly state: () => State;
  /** The app's process; null before it was started. */
  readonly app: () => number | null;
  readonly checks: ProbeManager['checks'];
  readonly orphans: OrphanReaper['report'];
  readonly limits: () => Readonly<Record<string, unknown>> | null;
  readonly metrics: Pick<MetricsRecorder, 'answered' | 'changedAt'>;
  readonly scrape: Parameters<typeof serveHealth>[1]['metrics'];
  readonly faulted: (error: Error) => void;
};

/**
 * Starts the health server on the open port. It answers from what the sources know at the time of a request. Loaded after the app was
 * started.
 */
export function wireHealth({ port, state, checks, policy, ...sources }: HealthSources): void {
  serveHealth(port, {
    faulted: sources.faulted,
    answered: sources.metrics.answered,
    metrics: sources.scrape,
    maxDescriptors: maxDescriptorsOf('self') ?? Number.POSITIVE_INFINITY,
    worked: createMemoryGuard({
      resident,
      reclaim() {
        collect();
        trim();
      },
    }),
    now: sources.clock.now,
    after: sources.clock.after,
    report() {
      const now = state();
      const current = verdicts(now, policy);
      const status = (): Readonly<Record<string, unknown>> =>
        statusOf(now, {
          version: VERSION,
          runtime: process.version,
          program: sources.program(),
          pid: sources.app(),
          config: sources.config,
          verdicts: current,
          changedAt: sources.metrics.changedAt(),
          health: port.url,
          checks,
          orphans: sources.orphans(),
          droppedLines: sources.log.dropped(),
          limits: sources.limits(),
          now: sources.clock.now(),
        });
      return { verdicts: current, checks, status };
    },
  });
}
