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
 * The names by the conventions of prometheus.io/docs/practices/naming: base units, `_total` for what only grows. Labels are
 * states, probes, signals, paths and rooms of k8s-run's own, so their number is bounded and no word of the user's is in them.
 * A family that cannot be told is left out, rather than told as 0.
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
    gauge('k8s_run_build_info', 'Version of k8s-run and of the Node that runs it; always 1.', build),
    gauge('k8s_run_state', 'State of the lifecycle: 1 for the present one, 0 for the others.', state),
    counter('k8s_run_state_transitions_total', 'Times that a state was entered.', now.states),
    gauge('k8s_run_verdict_ok', 'Whether /startupz, /readyz or /livez answers 200.', now.verdicts),
    counter('k8s_run_verdict_changes_total', 'Times that an endpoint changed its answer.', now.verdictChanges),
    counter('k8s_run_probe_results_total', 'Answers of the app to its probes, before thresholds.', now.results),
    {
      type: 'histogram',
      name: 'k8s_run_probe_duration_seconds',
      help: 'Time from the question of a probe to its answer.',
      samples: now.latencies,
    },
    {
      type: 'histogram',
      name: 'k8s_run_app_time_to_ready_seconds',
      help: 'Time from the start of the app until it was first ready.',
      samples: now.timesToReady,
    },
    counter('k8s_run_app_restarts_total', 'Times that the app was started anew in place.', one(now.restarts)),
    counter('k8s_run_orphans_reaped_total', 'Orphans that were waited for.', one(now.orphansReaped)),
    counter('k8s_run_signals_received_total', 'Signals that k8s-run received.', now.received),
    counter('k8s_run_signals_forwarded_total', 'Signals that were sent to the app.', now.forwarded),
    gauge('k8s_run_shutdown_phase_seconds', 'Time that each phase of the shutdown took, or takes so far.', now.phases),
    counter('k8s_run_log_lines_dropped_total', 'Log lines that found no room or no reader.', one(now.droppedLines)),
    counter('k8s_run_health_requests_total', 'Answers of the health server.', now.requests),
    counter('k8s_run_faults_total', 'Faults of k8s-run itself that were contained.', now.faults),
  ];
}

function ofApp(app: ProcessReading | null): readonly Family[] {
  if (app === null) return [];
  const cpu = [
    { labels: { mode: 'user' }, value: app.userSeconds },
    { labels: { mode: 'system' }, value: app.systemSeconds },
  ];
  return [
    gauge('k8s_run_app_start_time_seconds', 'When the app was started, since 1970.', one(app.startedAtSeconds)),
    gauge('k8s_run_app_processes', 'Processes of the app: itself and all it started.', one(app.processes)),
    gauge('k8s_run_app_threads', 'Threads of these processes.', one(app.threads)),
    counter('k8s_run_app_cpu_seconds_total', 'CPU time of these processes and of their ended children.', cpu),
    gauge(
      'k8s_run_app_resident_memory_bytes',
      'Resident memory of these processes; shared pages count for each.',
      one(app.residentBytes),
    ),
    gauge(
      'k8s_run_app_anonymous_memory_bytes',
      'Resident memory of these processes that no file backs.',
      one(app.anonymousBytes),
    ),
    gauge('k8s_run_app_open_fds', "Open file descriptors of the app's first process.", one(app.openDescriptors)),
    gauge('k8s_run_app_max_fds', 'How many it may have: the soft limit.', one(app.maxDescriptors)),
  ];
}

function ofContainer(container: ContainerReading): readonly Family[] {
  const metric = (name: string): string => `k8s_run_container_${name}`;
  return [
    gauge(metric('memory_limit_bytes'), 'Memory limit of the cgroup.', one(container.memoryLimitBytes)),
    gauge(metric('memory_usage_bytes'), 'Memory charged to the cgroup.', one(container.memoryUsageBytes)),
    gauge(
      metric('memory_working_set_bytes'),
      'The same without inactive file pages, as the kubelet counts it.',
      one(container.memoryWorkingSetBytes),
    ),
    gauge(metric('memory_peak_bytes'), 'The most memory that was charged so far.', one(container.memoryPeakBytes)),
    counter(metric('oom_kills_total'), 'Processes that were killed for want of memory.', one(container.oomKills)),
    gauge(metric('cpu_limit_cores'), 'CPU limit of the cgroup, in cores.', one(container.cpuLimitCores)),
    counter(metric('cpu_usage_seconds_total'), 'CPU time of the cgroup.', one(container.cpuUsageSeconds)),
    counter(metric('cpu_periods_total'), 'Periods in which the CPU limit was enforced.', one(container.cpuPeriods)),
    counter(
      metric('cpu_throttled_periods_total'),
      'Periods in which the cgroup was held back.',
      one(container.cpuThrottledPeriods),
    ),
    counter(
      metric('cpu_throttled_seconds_total'),
      'Time for which the cgroup was held back.',
      one(container.cpuThrottledSeconds),
    ),
    gauge(metric('pids'), 'Processes and threads in the cgroup.', one(container.pids)),
    gauge(metric('pids_limit'), 'How many there may be.', one(container.pidsLimit)),
  ];
}

/** The names that every Prometheus client has for the process that answers the scrape: k8s-run itself. */
function ofOwnProcess(own: ProcessReading | null): readonly Family[] {
  if (own === null) return [];
  return [
    counter('process_cpu_seconds_total', 'CPU time of k8s-run itself.', one(own.userSeconds + own.systemSeconds)),
    gauge('process_resident_memory_bytes', 'Resident memory of k8s-run itself.', one(own.residentBytes)),
    gauge('process_start_time_seconds', 'When k8s-run was started, since 1970.', one(own.startedAtSeconds)),
    gauge('process_open_fds', 'Open file descriptors of k8s-run itself.', one(own.openDescriptors)),
    gauge('process_max_fds', 'How many it may have: the soft limit.', one(own.maxDescriptors)),
  ];
}

function one(value: number | null): readonly MetricSample[] {
  return value === null ? [] : [{ labels: {}, value }];
}

function gauge(name: string, help: string, samples: readonly MetricSample[]): Family {
  return { type: 'gauge', name, help, samples };
}

function counter(name: string, help: string, samples: readonly MetricSample[]): Family {
  return { type: 'counter', name, help, samples };
}
