import type { Readings } from '../../src/metrics/readings.ts';

const PROCESS = {
  processes: 2,
  threads: 3,
  userSeconds: 1.5,
  systemSeconds: 0.5,
  residentBytes: 1e9,
  anonymousBytes: 1e8,
  openDescriptors: 10,
  maxDescriptors: Number.POSITIVE_INFINITY,
  startedAtSeconds: 1.79e9,
};
/** The readings of a container whose cgroup cannot be read. */
export const UNREADABLE_CONTAINER: Readings['container'] = {
  memoryLimitBytes: null,
  memoryUsageBytes: null,
  memoryWorkingSetBytes: null,
  memoryPeakBytes: null,
  oomKills: null,
  cpuLimitCores: null,
  cpuUsageSeconds: null,
  cpuPeriods: null,
  cpuThrottledPeriods: null,
  cpuThrottledSeconds: null,
  pids: null,
  pidsLimit: null,
};
const READABLE_CONTAINER = Object.fromEntries(
  Object.keys(UNREADABLE_CONTAINER).map((key) => [key, 1]),
) as unknown as Readings['container'];
/** Readings in which every value is known. */
export const READINGS: Readings = {
  version: '1.2.3',
  runtime: 'v26.0.0',
  resource: { 'service.name': 'web' },
  state: 'running',
  states: [
    { labels: { state: 'running' }, value: 1 },
    { labels: { state: 'delaying' }, value: 0 },
  ],
  verdicts: [{ labels: { probe: 'ready' }, value: 1 }],
  verdictChanges: [{ labels: { probe: 'ready', verdict: 'ok' }, value: 1 }],
  results: [{ labels: { probe: 'ready', result: 'passed' }, value: 4 }],
  latencies: [{ labels: { probe: 'ready' }, bounds: [0.1, 1], counts: [2, 1, 1], sum: 3.25 }],
  timesToReady: [{ labels: {}, bounds: [0.1, 1], counts: [0, 0, 0], sum: 0 }],
  restarts: 0,
  cutRequests: 3,
  resizes: 2,
  orphansReaped: 3,
  received: [{ labels: { signal: 'SIGTERM' }, value: 1 }],
  forwarded: [{ labels: { signal: 'SIGTERM' }, value: 1 }],
  phases: [{ labels: { phase: 'delaying' }, value: 0 }],
  droppedLines: 0,
  requests: [{ labels: { path: '/metrics', code: '200' }, value: 1 }],
  faults: [{ labels: { room: 'health' }, value: 0 }],
  app: PROCESS,
  container: READABLE_CONTAINER,
  own: PROCESS,
};
