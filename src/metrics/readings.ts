import type { ProcessUsage } from '../linux/process-usage.ts';
import type { ResourceSnapshot } from '../resources/snapshot.ts';
import type { Distribution, MetricSample } from './instruments.ts';

/** What one process, or the app with all its processes, uses. */
export type ProcessReading = ProcessUsage & {
  readonly openDescriptors: number | null;
  readonly maxDescriptors: number | null;
  /** Since 1970. */
  readonly startedAtSeconds: number;
};

/** Everything that /metrics reports, read at one moment. */
export type Readings = {
  readonly version: string;
  readonly runtime: string;
  /** null: without `--otlp`. */
  readonly resource: Readonly<Record<string, string>> | null;
  readonly state: string;
  /** How often each state was entered; every state has a sample. */
  readonly states: readonly MetricSample[];
  /** 1 where the endpoint of the probe answers 200. */
  readonly verdicts: readonly MetricSample[];
  readonly verdictChanges: readonly MetricSample[];
  readonly results: readonly MetricSample[];
  readonly latencies: readonly Distribution[];
  readonly timesToReady: readonly Distribution[];
  readonly restarts: number;
  readonly cutRequests: number;
  readonly resizes: number;
  /** null: orphans cannot be reaped here. */
  readonly orphansReaped: number | null;
  readonly received: readonly MetricSample[];
  readonly forwarded: readonly MetricSample[];
  /** Seconds that each phase of the shutdown took, or has taken so far. */
  readonly phases: readonly MetricSample[];
  readonly droppedLines: number;
  readonly requests: readonly MetricSample[];
  readonly faults: readonly MetricSample[];
  /** null: before the app was started, after it is gone, and where /proc does not show it. */
  readonly app: ProcessReading | null;
  readonly container: ResourceSnapshot;
  /** k8s-run itself. */
  readonly own: ProcessReading | null;
};
