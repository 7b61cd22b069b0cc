import { BIN } from '../supervised.ts';

/** What an app does on SIGTERM. */
export const ON_TERM = ['dies', 'drains', 'ignores'] as const;
export type OnTerm = (typeof ON_TERM)[number];

/** The times of a rollout, in milliseconds, each as an option or a manifest would set it. */
export type Times = {
  /** k8s-run's delay, and the preStop sleep of the contender that has one. */
  readonly delay: number;
  readonly drainLimit: number;
  readonly grace: number;
  /** From the deletion of a pod to the kubelet's SIGKILL. */
  readonly terminationGracePeriod: number;
};

/** The defaults of k8s-run and of Kubernetes, and 10 s to drain. */
export const DEFAULTS: Times = { delay: 5_000, drainLimit: 10_000, grace: 20_000, terminationGracePeriod: 30_000 };

/** One way to run an app in a container. */
export type Contender = {
  readonly name: string;
  /** The container's command line. Without an init the app is its first process. */
  readonly command: (app: readonly string[]) => readonly string[];
  /** How long the kubelet waits before it sends SIGTERM (`preStop: sleep`), in milliseconds. */
  readonly preStop: number;
  /** From the deletion on, the preStop hook included, in milliseconds. */
  readonly terminationGracePeriod: number;
  /** The readiness endpoint: the app's own, or k8s-run's. */
  readonly health: 'app' | 'k8s-run';
};

export const NAMES = ['alone', 'tini', 'sleep', 'k8s-run', 'drain-connections'] as const;
export type Name = (typeof NAMES)[number];

/** All contenders, in the order of the tables. */
export function contenders(times: Times): Readonly<Record<Name, Contender>> {
  const { delay, drainLimit, grace, terminationGracePeriod } = times;
  const plain = {
    command: (app: readonly string[]) => app,
    preStop: 0,
    terminationGracePeriod,
    health: 'app',
  } as const;
  const k8sRun = (drain: number): Contender['command'] => {
    // Options with their default are left out, so that the real default is measured.
    const budget = [
      ...(delay === DEFAULTS.delay ? [] : [`--shutdown-delay=${delay}ms`]),
      // The drain is a part of the grace: a shorter grace is what is left for the app.
      ...(grace === DEFAULTS.grace ? [] : [`--grace=${grace + drain}ms`]),
      `--drain-connections=${drain}ms`,
    ];
    return (app) => [process.execPath, BIN, '--health-port=0', ...budget, '--', ...app];
  };
  return {
    alone: { ...plain, name: 'the app alone' },
    // -s: a subreaper, because it is not PID 1 here.
    tini: { ...plain, name: 'tini', command: (app) => ['tini', '-s', '--', ...app] },
    sleep: { ...plain, name: `the app, preStop sleep ${inSeconds(delay)}`, preStop: delay },
    'k8s-run': {
      ...plain,
      name: 'k8s-run --drain-connections off',
      command: k8sRun(0),
      health: 'k8s-run',
    },
    'drain-connections': {
      ...plain,
      name: `k8s-run --drain-connections ${inSeconds(drainLimit)}`,
      command: k8sRun(drainLimit),
      terminationGracePeriod: terminationGracePeriod + (grace === DEFAULTS.grace ? 0 : drainLimit),
      health: 'k8s-run',
    },
  };
}

const inSeconds = (milliseconds: number): string => `${milliseconds / 1_000}s`;
