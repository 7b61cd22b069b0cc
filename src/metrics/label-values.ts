import type { FaultDomain } from '../fault-domain.ts';
import type { Phase, ProbeName, State } from '../lifecycle/state.ts';
import type { ProbeResult } from '../probe/answer.ts';

/** Values of labels. Each series is there from the start, with 0, so that Prometheus sees the first increase. */
export const PROBES: readonly ProbeName[] = ['startup', 'ready', 'live'];
export const PROBE_RESULTS: readonly ProbeResult[] = ['passed', 'failed', 'timeout', 'broken'];
export const VERDICTS: readonly string[] = ['ok', 'failed'];

export const STATES: readonly string[] = Object.keys({
  preparing: 0,
  aborting: 0,
  running: 0,
  preStop: 0,
  delaying: 0,
  draining: 0,
  stopping: 0,
  beforeKill: 0,
  killing: 0,
  findingLeftovers: 0,
  stoppingLeftovers: 0,
  killingLeftovers: 0,
  backingOff: 0,
  postExit: 0,
  exited: 0,
} satisfies Record<State['kind'], 0>);

/** The phases of a shutdown, in their order. */
export const SHUTDOWN_PHASES: readonly Phase[] = [
  'preStop',
  'delaying',
  'draining',
  'stopping',
  'beforeKill',
  'killing',
  'leftovers',
  'postExit',
];

/** A fault in one of these is contained: the app lives on. */
export type ContainedDomain = Exclude<FaultDomain, 'lifecycle' | 'process'>;

export const CONTAINED_DOMAINS: readonly string[] = Object.keys({
  probe: 0,
  health: 0,
  log: 0,
  resources: 0,
  connections: 0,
  hooks: 0,
  mounted: 0,
  otlp: 0,
} satisfies Record<ContainedDomain, 0>);
