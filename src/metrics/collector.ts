import type { Clock } from '../clock.ts';
import type { State } from '../lifecycle/state.ts';
import { descriptorsOf, type ProcessUsage, usageOf, usageOfApp } from '../linux/process-usage.ts';
import type { Log } from '../log/log.ts';
import type { OrphanReaper } from '../process/orphan-reaper.ts';
import { readResourceSnapshot } from '../resources/snapshot.ts';
import { VERSION } from '../version.ts';
import type { Exposition, ExpositionFormat } from './exposition.ts';
import { familiesOf } from './families.ts';
import { SHUTDOWN_PHASES } from './label-values.ts';
import type { ProcessReading, Readings } from './readings.ts';
import type { MetricsRecorder } from './recorder.ts';

/** The sources of /metrics. */
export type CollectorSources = {
  readonly clock: Pick<Clock, 'now'>;
  readonly metrics: MetricsRecorder;
  readonly state: () => State;
  readonly app: () => number | null;
  readonly orphans: Pick<OrphanReaper, 'reaped'>;
  readonly log: Pick<Log, 'dropped'>;
  /** Attributes of the resource, as they are exported; null: nothing is. */
  readonly resource: () => Readonly<Record<string, string>> | null;
};

/** Milliseconds. Scrapes within this time share one response, so a thousand scrapers cost no more than ten a second. */
const SHARED_FOR = 100;

/** Makes the response to a scrape. Nothing runs between scrapes; prom-client is loaded by the first one. */
export function createCollector(sources: CollectorSources): (accept: string) => Promise<Exposition> {
  const latest = new Map<ExpositionFormat, { readonly at: number; readonly page: Promise<Exposition> }>();
  const withoutDecrease = monotonicCpuTime();

  const read = (): Readings => {
    const { metrics, clock } = sources;
    const { instruments } = metrics;
    const state = sources.state();
    const now = clock.now();
    const verdicts = Object.entries(metrics.verdicts()).map(([probe, verdict]) => ({
      labels: { probe },
      value: verdict.kind === 'ok' ? 1 : 0,
    }));
    return {
      version: VERSION,
      runtime: process.version,
      resource: sources.resource(),
      state: state.kind,
      states: instruments.states.samples(),
      verdicts,
      verdictChanges: instruments.verdicts.samples(),
      results: instruments.results.samples(),
      latencies: instruments.latencies.distributions(),
      timesToReady: instruments.timesToReady.distributions(),
      restarts: metrics.restarts(),
      cutRequests: metrics.cutRequests(),
      resizes: metrics.resizes(),
      orphansReaped: sources.orphans.reaped(),
      received: instruments.received.samples(),
      forwarded: instruments.forwarded.samples(),
      phases: phasesOf(state, now),
      droppedLines: sources.log.dropped(),
      requests: instruments.requests.samples(),
      faults: instruments.faults.samples(),
      app: readApp(state, sources.app()),
      container: readResourceSnapshot(),
      own: reading(usageOf('self'), 'self', performance.timeOrigin),
    };
  };

  const readApp = (state: State, pid: number | null): ProcessReading | null => {
    const started = state.timeline.findLast(({ phase }) => phase === 'running');
    const usage = pid === null || started === undefined ? null : usageOfApp(pid);
    if (pid === null || started === undefined || usage === null) return null;
    return reading(withoutDecrease(pid, usage), pid, performance.timeOrigin + started.at);
  };

  return async (accept) => {
    const { expose, formatFor } = await import('./exposition.ts');
    const format = formatFor(accept);
    const now = sources.clock.now();
    const shared = latest.get(format);
    if (shared !== undefined && now - shared.at < SHARED_FOR) return shared.page;
    const page = expose(familiesOf(read()), format);
    latest.set(format, { at: now, page });
    page.catch(() => latest.delete(format));
    return page;
  };
}

/** `startedAt` in milliseconds since 1970. */
function reading(usage: ProcessUsage, pid: number | 'self', startedAt: number): ProcessReading {
  const { open, max } = descriptorsOf(pid);
  return { ...usage, openDescriptors: open, maxDescriptors: max, startedAtSeconds: startedAt / 1_000 };
}

/**
 * The CPU time of a descendant is lost when it exits and its parent does not wait for it. Prometheus takes a counter that
 * decreases for one that was reset, and would count all its seconds again; so it stays at its maximum until it is exceeded.
 */
function monotonicCpuTime(): (pid: number, usage: ProcessUsage) => ProcessUsage {
  let maximum = { pid: 0, userSeconds: 0, systemSeconds: 0 };
  return (pid, usage) => {
    const before = maximum.pid === pid ? maximum : { userSeconds: 0, systemSeconds: 0 };
    maximum = {
      pid,
      userSeconds: Math.max(before.userSeconds, usage.userSeconds),
      systemSeconds: Math.max(before.systemSeconds, usage.systemSeconds),
    };
    const { userSeconds, systemSeconds } = maximum;
    return { ...usage, userSeconds, systemSeconds };
  };
}

function phasesOf({ timeline }: State, now: number): Readings['phases'] {
  return SHUTDOWN_PHASES.map((phase) => {
    const index = timeline.findIndex((entry) => entry.phase === phase);
    const begun = timeline[index]?.at;
    const ended = timeline[index + 1]?.at ?? now;
    return { labels: { phase }, value: begun === undefined ? 0 : (ended - begun) / 1_000 };
  });
}
