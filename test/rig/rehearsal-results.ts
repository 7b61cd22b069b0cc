import { newPodTimeline, type PodTimeline } from '../../src/rehearse/pod/pod-timeline.ts';
import type {
  LoadResult,
  Rehearsal,
  RehearsalSettings,
  RequestSample,
  VariantResult,
} from '../../src/rehearse/results.ts';

/** Made-up results of rehearsals, for tests of reports and advice. Times in milliseconds. */
export const SETTINGS: RehearsalSettings = {
  replicas: 2,
  rollouts: 1,
  rate: 50,
  keptAlive: 0.3,
  paths: ['/'],
  lag: 3_000,
  nodes: 3,
  seed: '1',
  shutdownDelay: 5_000,
  drainConnections: 0,
  grace: 20_000,
  terminationGracePeriod: 30_000,
  hasPreStop: false,
  hasReadinessProbe: true,
};

/** A pod that was ready after a second, and still serves. */
export function servingPod(name: string, known: Partial<PodTimeline> = {}): PodTimeline {
  return { ...newPodTimeline(name, 11_000), started: 0, appStarted: 80, listening: 107, ready: 1_000, ...known };
}

/** A pod that was deleted at 5 s, and whose app was signalled after the delay. */
export function deletedPod(name: string, known: Partial<PodTimeline> = {}): PodTimeline {
  const times = {
    deleted: 5_000,
    unrouted: 7_500,
    terminating: 5_000,
    signalled: 10_000,
    appExited: 10_050,
    exited: 10_060,
  };
  return servingPod(name, { ...times, signal: 'SIGTERM', exitCode: 0, ...known });
}

export function sample(at: number, known: Partial<RequestSample> = {}): RequestSample {
  return { at, took: 50, connection: 'new', path: '/', failure: null, pod: 'web-1', ...known };
}

export function loadResult(samples: readonly RequestSample[], known: Partial<LoadResult> = {}): LoadResult {
  return { samples, unsent: 0, suspensions: [], ...known };
}

export function runResult(pods: readonly PodTimeline[], known: Partial<VariantResult> = {}): VariantResult {
  const rollouts = [{ from: 4_000, to: 11_000 }];
  return {
    variant: 'k8s-run',
    took: 13_000,
    pods,
    load: loadResult([]),
    rollouts,
    probePeriod: 1_000,
    appFailure: null,
    ...known,
  };
}

export function rehearsal(runs: readonly VariantResult[], known: Partial<Rehearsal> = {}): Rehearsal {
  return {
    version: '0.0.0',
    command: 'node server.js',
    manifest: null,
    settings: SETTINGS,
    preflight: { port: { kind: 'variable' }, speaksHttp: true, timeToReady: 400 },
    runs,
    appFailure: null,
    notes: [],
    ...known,
  };
}

/** A comparison with everything that a report can show. */
export function eventfulRehearsal(): Rehearsal {
  const answered = (from: number, to: number, pod: string): readonly RequestSample[] =>
    Array.from({ length: Math.floor((to - from) / 100) }, (_, index) =>
      sample(from + index * 100, { pod, took: 20 + (index % 9) * 15 }),
    );
  const late = Array.from({ length: 12 }, (_, index) =>
    sample(5_100 + index * 150, { failure: 'connection refused', took: 2 }),
  );
  const underInit = runResult(
    [
      deletedPod('web-1', { signalled: 5_000, appExited: 5_050, exited: 5_060, terminating: null, exitCode: 143 }),
      servingPod('web-2', { started: 4_000, ready: 5_000 }),
    ],
    {
      variant: 'init',
      load: loadResult([...answered(2_000, 5_000, 'web-1'), ...late, ...answered(5_000, 12_900, 'web-2')]),
    },
  );
  const killed = { killed: { at: 10_050, by: 'k8s-run' }, handling: 'ignored', exitCode: 137 } as const;
  const cut = sample(10_010, { connection: 'kept-alive', failure: 'connection closed', took: 40 });
  const underK8sRun = runResult(
    [deletedPod('web-1', { ...killed, leftovers: ['helper'] }), servingPod('web-2', { started: 4_000, ready: 5_000 })],
    { load: loadResult([...answered(2_000, 12_900, 'web-1'), cut]) },
  );
  return rehearsal([underInit, underK8sRun], { notes: ['This machine was <busy> & slow.'] });
}
