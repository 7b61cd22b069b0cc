import type { Config } from '../config/config.ts';
import type { ProbeSpec } from '../config/probe-spec.ts';
import type { ProbeName } from '../lifecycle/state.ts';

/** How often a probe runs, and how many results in a row change its standing. Times are milliseconds. */
export type ProbeSchedule = {
  readonly period: number;
  readonly timeout: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
  /** It runs a command, which costs a process each time. */
  readonly runsCommand: boolean;
};

/** `--startup` is the ready probe unless it was set. */
export function probeSpecOf(probe: ProbeName, config: Config): ProbeSpec {
  return probe === 'startup' ? (config.startup ?? config.ready) : config[probe];
}

/** The defaults of a Kubernetes probe: pkg/apis/core/v1/defaults.go, SetDefaults_Probe. */
const KUBERNETES_DEFAULTS: Omit<ProbeSchedule, 'runsCommand'> = {
  period: 10_000,
  timeout: 1_000,
  successThreshold: 1,
  failureThreshold: 3,
};

/** The numbers of the stanza; for each that it does not set, the option if it was set, else the default of Kubernetes. */
export function scheduleOf({ kind, timing }: ProbeSpec, config: Config): ProbeSchedule {
  const runsCommand = kind === 'exec';
  const { probePeriod: period, probeTimeout: timeout, successThreshold, failureThreshold, chosen } = config;
  if (timing === undefined) return { period, timeout, successThreshold, failureThreshold, runsCommand };
  return {
    period: timing.period ?? (chosen.has('probePeriod') ? period : KUBERNETES_DEFAULTS.period),
    timeout: timing.timeout ?? (chosen.has('probeTimeout') ? timeout : KUBERNETES_DEFAULTS.timeout),
    successThreshold:
      timing.successThreshold ??
      (chosen.has('successThreshold') ? successThreshold : KUBERNETES_DEFAULTS.successThreshold),
    failureThreshold:
      timing.failureThreshold ??
      (chosen.has('failureThreshold') ? failureThreshold : KUBERNETES_DEFAULTS.failureThreshold),
    runsCommand,
  };
}
