import { CONTAINED_DOMAINS, PROBE_RESULTS, PROBES, SHUTDOWN_PHASES, STATES, VERDICTS } from './label-values.ts';

/** A label's values, or what they are where they cannot be listed. */
export type LabelValues = readonly string[] | string;

/** One metric: its `# HELP` line, and its labels with their values. */
export type MetricRow<Type extends 'gauge' | 'counter' | 'histogram'> = {
  readonly type: Type;
  readonly help: string;
  readonly labels?: Readonly<Record<string, LabelValues>>;
};

export type GaugeName =
  | 'target_info'
  | `k8s_run_${'build_info' | 'state' | 'verdict_ok' | 'shutdown_phase_seconds'}`
  | `k8s_run_app_${'start_time_seconds' | 'processes' | 'threads' | 'resident_memory_bytes' | 'anonymous_memory_bytes'}`
  | `k8s_run_app_${'open_fds' | 'max_fds'}`
  | `k8s_run_container_memory_${'limit_bytes' | 'usage_bytes' | 'working_set_bytes' | 'peak_bytes'}`
  | `k8s_run_container_${'cpu_limit_cores' | 'pids' | 'pids_limit'}`
  | `process_${'resident_memory_bytes' | 'start_time_seconds' | 'open_fds' | 'max_fds'}`;

export type CounterName =
  | `k8s_run_${'state_transitions' | 'verdict_changes' | 'probe_results' | 'app_restarts' | 'orphans_reaped'}_total`
  | `k8s_run_${'signals_received' | 'signals_forwarded' | 'log_lines_dropped' | 'health_requests' | 'faults'}_total`
  | `k8s_run_${'app_cpu_seconds' | 'cut_requests' | 'resizes'}_total`
  | `k8s_run_container_${'oom_kills' | 'cpu_usage_seconds' | 'cpu_periods'}_total`
  | `k8s_run_container_cpu_throttled_${'periods' | 'seconds'}_total`
  | 'process_cpu_seconds_total';

export type HistogramName = 'k8s_run_probe_duration_seconds' | 'k8s_run_app_time_to_ready_seconds';

const SIGNAL = 'the name, such as `SIGTERM`';

/**
 * Every metric, in the order of /metrics. Names by prometheus.io/docs/practices/naming: base units, `_total` for counters. Labels
 * hold words of k8s-run's own, so their number is bounded and nothing of the app's is in them. Loaded by the first scrape.
 */
export const METRICS: Readonly<
  Record<GaugeName, MetricRow<'gauge'>> &
    Record<CounterName, MetricRow<'counter'>> &
    Record<HistogramName, MetricRow<'histogram'>>
> = {
  target_info: {
    type: 'gauge',
    help: 'Attributes of the service, as `--otlp` exports them; always 1. Only with `--otlp`.',
    labels: {
      service_name: 'and every other attribute of the resource, with `_` for other characters than letters and digits',
    },
  },
  k8s_run_build_info: {
    type: 'gauge',
    help: 'Versions of k8s-run and of the Node.js that runs it; always 1.',
    labels: { version: 'of k8s-run', runtime: 'of Node.js' },
  },
  k8s_run_state: {
    type: 'gauge',
    help: 'State of the lifecycle: 1 for the present one, 0 for the others.',
    labels: { state: STATES },
  },
  k8s_run_state_transitions_total: {
    type: 'counter',
    help: 'Times that a state was entered.',
    labels: { state: STATES },
  },
  k8s_run_verdict_ok: {
    type: 'gauge',
    help: 'Whether /startupz, /readyz or /livez answers 200.',
    labels: { probe: PROBES },
  },
  k8s_run_verdict_changes_total: {
    type: 'counter',
    help: 'Times that an endpoint changed its answer.',
    labels: { probe: PROBES, verdict: VERDICTS },
  },
  k8s_run_probe_results_total: {
    type: 'counter',
    help: 'Results of single probes of the app, before thresholds; broken is an error of the prober itself.',
    labels: { probe: PROBES, result: PROBE_RESULTS },
  },
  k8s_run_probe_duration_seconds: {
    type: 'histogram',
    help: 'Duration of single probes of the app.',
    labels: { probe: PROBES },
  },
  k8s_run_app_time_to_ready_seconds: {
    type: 'histogram',
    help: 'Time from the start of the app until it was first ready.',
  },
  k8s_run_app_restarts_total: { type: 'counter', help: 'Restarts of the app in place.' },
  k8s_run_cut_requests_total: {
    type: 'counter',
    help: 'Requests that were in flight when the app ended or was restarted, as far as the kernel tells.',
  },
  k8s_run_resizes_total: {
    type: 'counter',
    help: 'Times that the limits of the container have changed while it ran.',
  },
  k8s_run_orphans_reaped_total: { type: 'counter', help: 'Orphaned processes that were reaped.' },
  k8s_run_signals_received_total: {
    type: 'counter',
    help: 'Signals that k8s-run received.',
    labels: { signal: SIGNAL },
  },
  k8s_run_signals_forwarded_total: {
    type: 'counter',
    help: 'Signals that were sent to the app, the stop signal included.',
    labels: { signal: SIGNAL },
  },
  k8s_run_shutdown_phase_seconds: {
    type: 'gauge',
    help: 'Time that each phase of the shutdown took, or takes so far; 0 before it.',
    labels: { phase: SHUTDOWN_PHASES },
  },
  k8s_run_log_lines_dropped_total: { type: 'counter', help: 'Log lines that stderr did not take.' },
  k8s_run_health_requests_total: {
    type: 'counter',
    help: 'Responses of the health server.',
    labels: {
      path: ['/healthz', '/livez', '/readyz', '/startupz', '/statusz', '/metrics', 'other'],
      code: 'the HTTP status',
    },
  },
  k8s_run_faults_total: {
    type: 'counter',
    help: 'Contained faults of k8s-run itself, by the part that had them; the app is not affected.',
    labels: { room: CONTAINED_DOMAINS },
  },
  k8s_run_app_start_time_seconds: { type: 'gauge', help: 'Start of the app, in seconds since 1970.' },
  k8s_run_app_processes: { type: 'gauge', help: 'Processes of the app: the first one and all its descendants.' },
  k8s_run_app_threads: { type: 'gauge', help: 'Threads of the processes of the app.' },
  k8s_run_app_cpu_seconds_total: {
    type: 'counter',
    help: 'CPU time of the processes of the app and of their children that have ended.',
    labels: { mode: ['user', 'system'] },
  },
  k8s_run_app_resident_memory_bytes: {
    type: 'gauge',
    help: 'Resident memory of the processes of the app; shared pages count for each.',
  },
  k8s_run_app_anonymous_memory_bytes: {
    type: 'gauge',
    help: 'Resident memory of the processes of the app that is not backed by a file.',
  },
  k8s_run_app_open_fds: { type: 'gauge', help: 'Open file descriptors of the first process of the app.' },
  k8s_run_app_max_fds: { type: 'gauge', help: 'Soft limit of open file descriptors of the first process of the app.' },
  k8s_run_container_memory_limit_bytes: { type: 'gauge', help: 'Memory limit of the cgroup.' },
  k8s_run_container_memory_usage_bytes: {
    type: 'gauge',
    help: 'Memory charged to the cgroup that has the limit, or to the one of the container.',
  },
  k8s_run_container_memory_working_set_bytes: {
    type: 'gauge',
    help: 'Memory charged to the cgroup, without inactive file pages: the working set, as the kubelet counts it.',
  },
  k8s_run_container_memory_peak_bytes: { type: 'gauge', help: 'Most memory that was charged to the cgroup so far.' },
  k8s_run_container_oom_kills_total: {
    type: 'counter',
    help: 'Processes of the cgroup that the kernel has killed for lack of memory.',
  },
  k8s_run_container_cpu_limit_cores: { type: 'gauge', help: 'CPU limit of the cgroup, in cores.' },
  k8s_run_container_cpu_usage_seconds_total: { type: 'counter', help: 'CPU time of the cgroup.' },
  k8s_run_container_cpu_periods_total: { type: 'counter', help: 'Periods in which the CPU limit was enforced.' },
  k8s_run_container_cpu_throttled_periods_total: {
    type: 'counter',
    help: 'Periods in which the cgroup was throttled.',
  },
  k8s_run_container_cpu_throttled_seconds_total: {
    type: 'counter',
    help: 'Time for which the cgroup was throttled.',
  },
  k8s_run_container_pids: { type: 'gauge', help: 'Processes and threads in the cgroup.' },
  k8s_run_container_pids_limit: { type: 'gauge', help: 'Limit of processes and threads in the cgroup.' },
  process_cpu_seconds_total: { type: 'counter', help: 'CPU time of k8s-run itself.' },
  process_resident_memory_bytes: { type: 'gauge', help: 'Resident memory of k8s-run itself.' },
  process_start_time_seconds: { type: 'gauge', help: 'Start of k8s-run, in seconds since 1970.' },
  process_open_fds: { type: 'gauge', help: 'Open file descriptors of k8s-run itself.' },
  process_max_fds: { type: 'gauge', help: 'Soft limit of open file descriptors of k8s-run itself.' },
};
