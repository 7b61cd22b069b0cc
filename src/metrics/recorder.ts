import type { Notice } from '../lifecycle/notice.ts';
import type { Policy } from '../lifecycle/policy.ts';
import { initialState, type Milliseconds, type ProbeName, type State } from '../lifecycle/state.ts';
import { type Verdicts, verdicts } from '../lifecycle/verdict.ts';
import { signalName } from '../linux/signal-names.ts';
import type { ProbeResult } from '../probe/answer.ts';
import { type Counter, counter, type Histogram, histogram } from './instruments.ts';
import { CONTAINED_DOMAINS, type ContainedDomain, PROBE_RESULTS, PROBES, STATES, VERDICTS } from './label-values.ts';

/** Counts what happens while k8s-run runs, for /metrics. */
export type MetricsRecorder = {
  /** An event led to this state; its kind may be the same as before. */
  readonly stateEntered: (next: State) => void;
  readonly noticed: (notice: Notice) => void;
  /** A signal was sent to the app. */
  readonly forwarded: (signal: number) => void;
  readonly probed: (probe: ProbeName, result: ProbeResult, milliseconds: number) => void;
  readonly answered: (path: string, status: number) => void;
  readonly faulted: (room: ContainedDomain) => void;
  readonly requestsCut: (count: number) => void;
  /** The limits of the container have changed. */
  readonly resized: () => void;
  readonly instruments: {
    readonly states: Counter;
    readonly verdicts: Counter;
    readonly results: Counter;
    readonly latencies: Histogram;
    readonly timesToReady: Histogram;
    readonly received: Counter;
    readonly forwarded: Counter;
    readonly requests: Counter;
    readonly faults: Counter;
  };
  /** What the endpoints answer at this time. */
  readonly verdicts: () => Verdicts;
  /** When each of them last changed between ok and failed. */
  readonly changedAt: () => Readonly<Record<ProbeName, Milliseconds>>;
  /** How often the app was restarted in place. */
  readonly restarts: () => number;
  /** Requests that were in flight when the app ended. */
  readonly cutRequests: () => number;
  /** How often the limits of the container have changed. */
  readonly resizes: () => number;
};

/** The signals that people and controllers send. Any other one gets its series when it first comes. */
const USUAL_SIGNALS = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2'];
/** Seconds: from a file that is there to the longest time-out that makes sense. */
const LATENCY_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Seconds: from a program in C to a Java server that warms its caches. */
const READY_BOUNDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300];

/** Its methods never throw, because metrics must not disturb the supervisor. */
export function createMetricsRecorder(policy: Policy, now: () => Milliseconds): MetricsRecorder {
  const each = (values: readonly string[]): readonly (readonly string[])[] => values.map((value) => [value]);
  const perProbe = (values: readonly string[]): readonly (readonly string[])[] =>
    PROBES.flatMap((probe) => values.map((value) => [probe, value]));
  const counts: MetricsRecorder['instruments'] = {
    states: counter(['state'], each(STATES)),
    verdicts: counter(['probe', 'verdict'], perProbe(VERDICTS)),
    results: counter(['probe', 'result'], perProbe(PROBE_RESULTS)),
    latencies: histogram(['probe'], LATENCY_BOUNDS, each(PROBES)),
    timesToReady: histogram([], READY_BOUNDS, [[]]),
    received: counter(['signal'], each(USUAL_SIGNALS)),
    forwarded: counter(['signal'], each(USUAL_SIGNALS)),
    requests: counter(['path', 'code'], []),
    faults: counter(['room'], each(CONTAINED_DOMAINS)),
  };
  let state = initialState(0);
  let current = verdicts(state, policy);
  const changedAt = { startup: now(), ready: now(), live: now() };
  let starts = 0;
  let awaited = false;
  let cutRequests = 0;
  let resizes = 0;
  return {
    instruments: counts,
    verdicts: () => current,
    changedAt: () => changedAt,
    restarts: () => Math.max(0, starts - 1),
    cutRequests: () => cutRequests,
    resizes: () => resizes,
    resized() {
      resizes += 1;
    },
    requestsCut(count) {
      cutRequests += count;
    },
    stateEntered(next) {
      if (next.kind !== state.kind) counts.states.add(next.kind);
      state = next;
      const before = current;
      current = verdicts(next, policy);
      for (const probe of PROBES) {
        if (current[probe].kind === before[probe].kind) continue;
        counts.verdicts.add(probe, current[probe].kind);
        changedAt[probe] = now();
      }
    },
    noticed(notice) {
      if (notice.event === 'signal') counts.received.add(signalName(notice.signal));
      if (notice.event === 'spawned') {
        starts += 1;
        awaited = true;
      }
      if (notice.event === 'ready' && awaited) {
        awaited = false;
        counts.timesToReady.observe(notice.afterMs / 1_000);
      }
    },
    forwarded: (signal) => counts.forwarded.add(signalName(signal)),
    probed(probe, result, milliseconds) {
      counts.results.add(probe, result);
      counts.latencies.observe(milliseconds / 1_000, probe);
    },
    answered: (path, status) => counts.requests.add(path, String(status)),
    faulted: (room) => counts.faults.add(room),
  };
}
