import type { ResourceSnapshot } from '../resources/snapshot.ts';
import { type CounterName, type GaugeName, type HistogramName, METRICS } from './catalog.ts';
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
 * Every metric with its series. A metric that cannot be read (no limit, no /proc, the app is gone) is left out, because 0 would be
 * taken for a reading.
 */
export function familiesOf(readings: Readings): readonly MetricFamily[] {
  return [
    ...ofSupervision(readings),
    ...ofApp(readings.app),
    ...ofContainer(readings.container),
    ...ofOwnProcess(readings.own),
  ].filter(({ samples }) => samples.length > 0);
}

function ofSupervision(readings: Readings): readonly MetricFamily[] {
  const build = [{ labels: { version: readings.version, runtime: readings.runtime }, value: 1 }];
  const state = readings.states.map(({ labels }) => ({ labels, value: labels['state'] === readings.state ? 1 : 0 }));
  return [
    gauge('target_info', readings.resource === null ? [] : [{ labels: labelsOf(readings.resource), value: 1 }]),
    gauge('k8s_run_build_info', build),
    gauge('k8s_run_state', state),
    counter('k8s_run_state_transitions_total', readings.states),
    gauge('k8s_run_verdict_ok', readings.verdicts),
    counter('k8s_run_verdict_changes_total', readings.verdictChanges),
    counter('k8s_run_probe_results_total', readings.results),
    histogram('k8s_run_probe_duration_seconds', readings.latencies),
    histogram('k8s_run_app_time_to_ready_seconds', readings.timesToReady),
    counter('k8s_run_app_restarts_total', one(readings.restarts)),
    counter('k8s_run_cut_requests_total', one(readings.cutRequests)),
    counter('k8s_run_resizes_total', one(readings.resizes)),
    counter('k8s_run_orphans_reaped_total', one(readings.orphansReaped)),
    counter('k8s_run_signals_received_total', readings.received),
    counter('k8s_run_signals_forwarded_total', readings.forwarded),
    gauge('k8s_run_shutdown_phase_seconds', readings.phases),
    counter('k8s_run_log_lines_dropped_total', one(readings.droppedLines)),
    counter('k8s_run_health_requests_total', readings.requests),
    counter('k8s_run_faults_total', readings.faults),
  ];
}

/**
 * Names of labels from those of attributes, as OpenTelemetry translates them for Prometheus: other characters become `_`, and values of names that
 * become the same are joined.
 */
function labelsOf(attributes: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const labels = new Map<string, string>();
  for (const [name, value] of Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const clean = name.replace(/[^a-zA-Z0-9_]+/g, '_').replace(/^(?=\d)/, 'key_');
    const label = clean.replace(/__+/g, '_');
    labels.set(label, labels.has(label) ? `${labels.get(label)};${value}` : value);
  }
  return Object.fromEntries(labels);
}

function ofApp(app: ProcessReading | null): readonly MetricFamily[] {
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

function ofContainer(container: ResourceSnapshot): readonly MetricFamily[] {
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
function ofOwnProcess(own: ProcessReading | null): readonly MetricFamily[] {
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

function gauge(name: GaugeName, samples: readonly MetricSample[]): MetricFamily {
  return { type: 'gauge', name, help: METRICS[name].help, samples };
}

function counter(name: CounterName, samples: readonly MetricSample[]): MetricFamily {
  return { type: 'counter', name, help: METRICS[name].help, samples };
}

function histogram(name: HistogramName, samples: readonly Distribution[]): MetricFamily {
  return { type: 'histogram', name, help: METRICS[name].help, samples };
}
