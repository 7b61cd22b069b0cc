import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Port } from '../health/port.ts';
import { serveHealth } from '../health/server.ts';
import { statusOf } from '../health/status.ts';
import type { Policy } from '../lifecycle/policy.ts';
import type { State } from '../lifecycle/state.ts';
import { verdicts } from '../lifecycle/verdict.ts';
import type { Log } from '../log/log.ts';
import type { MetricsRecorder } from '../metrics/recorder.ts';
import type { ProbeManager } from '../probe/manager.ts';
import type { OrphanReaper } from '../process/orphan-reaper.ts';
import { VERSION } from '../version.ts';

/** Who knows what the health server is asked. */
export type HealthSources = {
  readonly port: Port;
  readonly program: string;
  readonly config: Config;
  readonly policy: Policy;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Pick<Log, 'dropped'>;
  readonly state: () => State;
  /** The app's process; null before it was started. */
  readonly app: () => number | null;
  readonly checks: ProbeManager['checks'];
  readonly orphans: OrphanReaper['report'];
  readonly tally: Pick<MetricsRecorder, 'answered'>;
  readonly scrape: Parameters<typeof serveHealth>[1]['metrics'];
  readonly faulted: (error: Error) => void;
};

/** Has the health server answer on the port, from what the others know at that moment. Loaded after the app is started. */
export function wireHealth({ port, state, checks, policy, ...known }: HealthSources): void {
  serveHealth(port, {
    faulted: known.faulted,
    answered: known.tally.answered,
    metrics: known.scrape,
    report() {
      const now = state();
      const told = verdicts(now, policy);
      const status = (): Readonly<Record<string, unknown>> =>
        statusOf(now, {
          version: VERSION,
          program: known.program,
          pid: known.app(),
          config: known.config,
          verdicts: told,
          health: port.url,
          checks,
          orphans: known.orphans(),
          droppedLines: known.log.dropped(),
          now: known.clock.now(),
        });
      return { verdicts: told, checks, status };
    },
  });
}
