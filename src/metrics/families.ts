import { type CounterName, type GaugeName, type HistogramName, METRICS } from './catalog.ts';
import type { Distribution, MetricSample } from './instruments.ts';

/** One metric with all its series. */
export type Family =
  | {
      readonly type: 'counter' | 'gauge';
      readonly name: string;
      readonly help: string;
      readonly samples: readonly MetricSample[];
    }
  | {
      readonly type: 'histogram';
      readonly name: string;
      readonly help: string;
      readonly samples: readonly Distribution[];
    };

/** What can be seen of a process or of several: see linux/process-usage.ts. Bytes and seconds. */
export type ProcessReading = {
  readonly processes: number;
  readonly threads: number;
  readonly userSeconds: number;
  readonly systemSeconds: number;
  readonly residentBytes: number;
  readonly anonymousBytes: number;
  readonly openDescriptors: number | null;
  readonly maxDescriptors: number | null;
  /** Since 1970. */
  readonly startedAtSeconds: number;
};

/** What the cgroup allows and counts: see resources/snapshot.ts. null is not told. */
export type ContainerReading = {
  readonly memoryLimitBytes: number | null;
  readonly memoryUsageBytes: number | null;
  readonly memoryWorkingSetBytes: number | null;
  readonly memoryPeakBytes: number | null;
  readonly oomKills: number | null;
  readonly cpuLimitCores: number | null;
  readonly cpuUsageSeconds: number | null;
  readonly cpuPeriods: number | null;
  readonly cpuThrottledPeriods: number | null;
  readonly cpuThrottledSeconds: number | null;
  readonly pids: number | null;
  readonly pidsLimit: number | null;
};

/** Everything at one moment. */
export type Readings = {
  readonly version: string;
  readonly runtime: string;
  readonly state: string;
  /** How often each state was entered; it holds every state there is. */
  readonly states: readonly MetricSample[];
  /** 1 where the endpoint of the probe answers 200. */
  readonly verdicts: readonly MetricSample[];
  readonly verdictChanges: readonly MetricSample[];
  readonly results: readonly MetricSample[];
  readonly latencies: readonly Distribution[];
  readonly timesToReady: readonly Distribution[];
  readonly restarts: number;
  /** null: none can be reaped. */
  readonly orphansReaped: number | null;
  readonly received: readonly MetricSample[];
  readonly forwarded: readonly MetricSample[];
  /** Seconds that each phase of the shutdown took, or takes so far. */
  readonly phases: readonly MetricSample[];
  readonly droppedLines: number;
  readonly requests: readonly MetricSample[];
  readonly faults: readonly MetricSample[];
  /** null before the app was started, when it is gone, and where /proc cannot tell. */
  readonly app: ProcessReading | null;
  readonly container: ContainerReading;
  readonly own: ProcessReading | null;
};

/**
 * Every metric with its series. A metric that cannot be read (no limit, no /proc, the app is gone) is left out, because 0 would be
 * taken for a reading.
 */
export function familiesOf(now: Readings): readonly Family[] {
  return [...ofSupervision(now), ...ofApp(now.app), ...ofContainer(now.container), ...ofOwnProcess(now.own)].filter(
    ({ samples }) => samples.length > 0,
  );
}

function ofSupervision(now: Readings): readonly Family[] {
  const build = [{ labels: { version: now.version, runtime: now.runtime }, value: 1 }];
  const state = now.states.map(({ labels }) => ({ labels, value: labels['state'] === now.state ? 1 : 0 }));
  return [
    gauge('k8s_run_build_info', build),
    gauge('k8s_run_state', state),
    counter('k8s_run_state_transitions_total', now.states),
    gauge('k8s_run_verdict_ok', now.verdicts),
    counter('k8s_run_verdict_changes_total', now.verdictChanges),
    counter('k8s_run_probe_results_total', now.results),
    histogram('k8s_run_probe_duration_seconds', now.latencies),
    histogram('k8s_run_app_time_to_ready_seconds', now.timesToReady),
    counter('k8s_run_app_restarts_total', one(now.restarts)),
    counter('k8s_run_orphans_reaped_total', one(now.orphansReaped)),
    counter('k8s_run_signals_received_total', now.received),
    counter('k8s_run_signals_forwarded_total', now.forwarded),
    gauge('k8s_run_shutdown_phase_seconds', now.phases),
    counter('k8s_run_log_lines_dropped_total', one(now.droppedLines)),
    counter('k8s_run_health_requests_total', now.requests),
    counter('k8s_run_faults_total', now.faults),
  ];
}

function ofApp(app: ProcessReading | null): readonly Family[] {
  if (app === null) return [];
  const cpu = [
    { labels: { mode: 'user' }, value: app.userSeconds },
    { labels: { mode: 'system' }, value: app.systemSeconds },
  ];
  return [
    gauge('k8s_run_app_start_time_seconds', one(app.startedAtSeconds)),
    gauge('k8s_run_app_processes', one(app.processes)),
    gauge('k8s_run_app_threads', one(app.threads)),
    counter('k8s_run_app_cpu_seconds_total', cpu),
    gauge('k8s_run_app_resident_memory_bytes', one(app.residentBytes)),
    gauge('k8s_run_app_anonymous_memory_bytes', one(app.anonymousBytes)),
    gauge('k8s_run_app_open_fds', one(app.openDescriptors)),
    gauge('k8s_run_app_max_fds', one(app.maxDescriptors)),
  ];
}

function ofContainer(container: ContainerReading): readonly Family[] {
  return [
    gauge('k8s_run_container_memory_limit_bytes', one(container.memoryLimitBytes)),
    gauge('k8s_run_container_memory_usage_bytes', one(container.memoryUsageBytes)),
    gauge('k8s_run_container_memory_working_set_bytes', one(container.memoryWorkingSetBytes)),
    gauge('k8s_run_container_memory_peak_bytes', one(container.memoryPeakBytes)),
    counter('k8s_run_container_oom_kills_total', one(container.oomKills)),
    gauge('k8s_run_container_cpu_limit_cores', one(container.cpuLimitCores)),
    counter('k8s_run_container_cpu_usage_seconds_total', one(container.cpuUsageSeconds)),
    counter('k8s_run_container_cpu_periods_total', one(container.cpuPeriods)),
    counter('k8s_run_container_cpu_throttled_periods_total', one(container.cpuThrottledPeriods)),
    counter('k8s_run_container_cpu_throttled_seconds_total', one(container.cpuThrottledSeconds)),
    gauge('k8s_run_container_pids', one(container.pids)),
    gauge('k8s_run_container_pids_limit', one(container.pidsLimit)),
  ];
}

/** The names that every Prometheus client has for the process that is scraped: k8s-run itself. */
function ofOwnProcess(own: ProcessReading | null): readonly Family[] {
  if (own === null) return [];
  return [
    counter('process_cpu_seconds_total', one(own.userSeconds + own.systemSeconds)),
    gauge('process_resident_memory_bytes', one(own.residentBytes)),
    gauge('process_start_time_seconds', one(own.startedAtSeconds)),
    gauge('process_open_fds', one(own.openDescriptors)),
    gauge('process_max_fds', one(own.maxDescriptors)),
  ];
}

function one(value: number | null): readonly MetricSample[] {
  return value === null ? [] : [{ labels: {}, value }];
}

function gauge(name: GaugeName, samples: readonly MetricSample[]): Family {
  return { type: 'gauge', name, help: METRICS[name].help, samples };
}

function counter(name: CounterName, samples: readonly MetricSample[]): Family {
  return { type: 'counter', name, help: METRICS[name].help, samples };
}

function histogram(name: HistogramName, samples: readonly Distribution[]): Family {
  return { type: 'histogram', name, help: METRICS[name].help, samples };
}
