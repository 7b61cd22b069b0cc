import type { ResourceSnapshot } from '../resources/snapshot.ts';
import type { Distribution, MetricSample } from './instruments.ts';
import type { ProcessReading, Readings } from './readings.ts';

/** One metric with all its series. */
export type MetricFamily =
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

/**
 * Names follow prometheus.io/docs/practices/naming: base units, and `_total` for counters. Label values are k8s-run's own
 * states, probes, signals, paths and rooms, so their number is bounded and they never contain the user's words. A family
 * whose value is unknown is left out instead of reported as 0.
 */
export function familiesOf(readings: Readings): readonly MetricFamily[] {
  const { app, container, own } = readings;
  return [...ofSupervision(readings), ...ofApp(app), ...ofContainer(container), ...ofOwnProcess(own)].filter(
    ({ samples }) => samples.length > 0,
  );
}

function ofSupervision(readings: Readings): readonly MetricFamily[] {
  const build = [{ labels: { version: readings.version, runtime: readings.runtime }, value: 1 }];
  const state = readings.states.map(({ labels }) => ({ labels, value: labels['state'] === readings.state ? 1 : 0 }));
  return [
    gauge('k8s_run_build_info', 'Versions of k8s-run and of the Node that runs it; always 1.', build),
    gauge('k8s_run_state', 'State of the lifecycle: 1 for the current one, 0 for the others.', state),
    counter('k8s_run_state_transitions_total', 'Number of times that the state was entered.', readings.states),
    gauge('k8s_run_verdict_ok', 'Whether /startupz, /readyz or /livez answers 200: 1 or 0.', readings.verdicts),
    counter(
      'k8s_run_verdict_changes_total',
      'Number of times that the endpoint changed its answer.',
      readings.verdictChanges,
    ),
    counter('k8s_run_probe_results_total', 'Results of probes, before thresholds.', readings.results),
    {
      type: 'histogram',
      name: 'k8s_run_probe_duration_seconds',
      help: 'Time that a probe took.',
      samples: readings.latencies,
    },
    {
      type: 'histogram',
      name: 'k8s_run_app_time_to_ready_seconds',
      help: 'Time from the start of the app until it was first ready.',
      samples: readings.timesToReady,
    },
    counter('k8s_run_app_restarts_total', 'Number of restarts of the app in place.', one(readings.restarts)),
    counter('k8s_run_orphans_reaped_total', 'Orphans that k8s-run has reaped.', one(readings.orphansReaped)),
    counter('k8s_run_signals_received_total', 'Signals that k8s-run received.', readings.received),
    counter('k8s_run_signals_forwarded_total', 'Signals that k8s-run sent to the app.', readings.forwarded),
    gauge(
      'k8s_run_shutdown_phase_seconds',
      'Time that each phase of the shutdown took, or has taken so far.',
      readings.phases,
    ),
    counter(
      'k8s_run_log_lines_dropped_total',
      'Log lines that were dropped, because the buffer was full or stderr could not be written.',
      one(readings.droppedLines),
    ),
    counter('k8s_run_health_requests_total', 'Responses of the health server.', readings.requests),
    counter('k8s_run_faults_total', 'Faults of k8s-run itself that did not affect the app.', readings.faults),
  ];
}

function ofApp(app: ProcessReading | null): readonly MetricFamily[] {
  if (app === null) return [];
  const cpu = [
    { labels: { mode: 'user' }, value: app.userSeconds },
    { labels: { mode: 'system' }, value: app.systemSeconds },
  ];
  return [
    gauge('k8s_run_app_start_time_seconds', 'Start time of the app, in seconds since 1970.', one(app.startedAtSeconds)),
    gauge('k8s_run_app_processes', 'Processes of the app: its first one and all that it started.', one(app.processes)),
    gauge('k8s_run_app_threads', 'Threads of these processes.', one(app.threads)),
    counter('k8s_run_app_cpu_seconds_total', 'CPU time of these processes and of their exited children.', cpu),
    gauge(
      'k8s_run_app_resident_memory_bytes',
      'Resident memory of these processes; a shared page counts for each.',
      one(app.residentBytes),
    ),
    gauge(
      'k8s_run_app_anonymous_memory_bytes',
      'Resident memory of these processes that is not backed by a file.',
      one(app.anonymousBytes),
    ),
    gauge('k8s_run_app_open_fds', "Open file descriptors of the app's first process.", one(app.openDescriptors)),
    gauge('k8s_run_app_max_fds', 'Soft limit of open file descriptors.', one(app.maxDescriptors)),
  ];
}

function ofContainer(container: ResourceSnapshot): readonly MetricFamily[] {
  const metric = (name: string): string => `k8s_run_container_${name}`;
  return [
    gauge(metric('memory_limit_bytes'), 'Memory limit of the cgroup.', one(container.memoryLimitBytes)),
    gauge(metric('memory_usage_bytes'), 'Memory charged to the cgroup.', one(container.memoryUsageBytes)),
    gauge(
      metric('memory_working_set_bytes'),
      'Memory charged to the cgroup without inactive file pages, as the kubelet counts it.',
      one(container.memoryWorkingSetBytes),
    ),
    gauge(
      metric('memory_peak_bytes'),
      'Most memory that was charged to the cgroup so far.',
      one(container.memoryPeakBytes),
    ),
    counter(
      metric('oom_kills_total'),
      'Processes of the cgroup that the OOM killer has killed.',
      one(container.oomKills),
    ),
    gauge(metric('cpu_limit_cores'), 'CPU limit of the cgroup, in cores.', one(container.cpuLimitCores)),
    counter(metric('cpu_usage_seconds_total'), 'CPU time of the cgroup.', one(container.cpuUsageSeconds)),
    counter(metric('cpu_periods_total'), 'Periods in which the CPU limit was enforced.', one(container.cpuPeriods)),
    counter(
      metric('cpu_throttled_periods_total'),
      'Periods in which the cgroup was throttled.',
      one(container.cpuThrottledPeriods),
    ),
    counter(
      metric('cpu_throttled_seconds_total'),
      'Time for which the cgroup was throttled.',
      one(container.cpuThrottledSeconds),
    ),
    gauge(metric('pids'), 'Processes and threads in the cgroup.', one(container.pids)),
    gauge(metric('pids_limit'), 'Limit of processes and threads in the cgroup.', one(container.pidsLimit)),
  ];
}

/** The names that Prometheus client libraries give to their own process: here k8s-run. */
function ofOwnProcess(own: ProcessReading | null): readonly MetricFamily[] {
  if (own === null) return [];
  return [
    counter('process_cpu_seconds_total', 'CPU time of k8s-run itself.', one(own.userSeconds + own.systemSeconds)),
    gauge('process_resident_memory_bytes', 'Resident memory of k8s-run itself.', one(own.residentBytes)),
    gauge('process_start_time_seconds', 'Start time of k8s-run, in seconds since 1970.', one(own.startedAtSeconds)),
    gauge('process_open_fds', 'Open file descriptors of k8s-run itself.', one(own.openDescriptors)),
    gauge('process_max_fds', 'Soft limit of open file descriptors.', one(own.maxDescriptors)),
  ];
}

function one(value: number | null): readonly MetricSample[] {
  return value === null ? [] : [{ labels: {}, value }];
}

function gauge(name: string, help: string, samples: readonly MetricSample[]): MetricFamily {
  return { type: 'gauge', name, help, samples };
}

function counter(name: string, help: string, samples: readonly MetricSample[]): MetricFamily {
  return { type: 'counter', name, help, samples };
}
