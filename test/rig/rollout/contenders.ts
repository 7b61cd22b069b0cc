import { BIN } from '../supervised.ts';
import type { Protocol } from './load/requests.ts';

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

/** The defaults of k8s-run and of Kubernetes. */
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
  /** What the app and its clients speak. */
  readonly protocol: Protocol;
};

export const NAMES = [
  'alone',
  'tini',
  'sleep',
  'drain-off',
  'k8s-run',
  'k8s-run-tls',
  'node-drain',
  'node-drain-h2',
] as const;
export type Name = (typeof NAMES)[number];

/** All contenders, in the order of the tables. */
export function contenders(times: Times): Readonly<Record<Name, Contender>> {
  const { delay, drainLimit, grace, terminationGracePeriod } = times;
  const plain = {
    command: (app: readonly string[]) => app,
    preStop: 0,
    terminationGracePeriod,
    health: 'app',
    protocol: 'http',
  } as const;
  const k8sRun = (...options: readonly string[]): Contender['command'] => {
    const own = [process.execPath, BIN, '--health-port=0', ...options];
    return (app) => [...own, '--', ...app];
  };
  // Options with their default are left out, so that the real default is measured.
  const delays = delay === DEFAULTS.delay ? [] : [`--shutdown-delay=${delay}ms`];
  const draining = {
    ...plain,
    terminationGracePeriod: terminationGracePeriod + (grace === DEFAULTS.grace ? 0 : drainLimit),
    health: 'k8s-run',
  } as const;
  const drains = [
    ...delays,
    // The drain is a part of the grace: a shorter grace is what is left for the app.
    ...(grace === DEFAULTS.grace ? [] : [`--grace=${grace + drainLimit}ms`]),
    ...(grace === DEFAULTS.grace && drainLimit === DEFAULTS.drainLimit ? [] : [`--drain-connections=${drainLimit}ms`]),
  ];
  return {
    alone: { ...plain, name: 'the app alone' },
    // -s: a subreaper, because it is not PID 1 here.
    tini: { ...plain, name: 'tini', command: (app) => ['tini', '-s', '--', ...app] },
    sleep: { ...plain, name: `the app, preStop sleep ${inSeconds(delay)}`, preStop: delay },
    'drain-off': {
      ...plain,
      name: 'k8s-run --drain-connections off',
      command: k8sRun(
        ...delays,
        ...(grace === DEFAULTS.grace ? [] : [`--grace=${grace}ms`]),
        '--drain-connections=off',
      ),
      health: 'k8s-run',
    },
    'k8s-run': { ...draining, name: 'k8s-run', command: k8sRun(...drains) },
    'k8s-run-tls': { ...draining, name: 'k8s-run, TLS', command: k8sRun(...drains), protocol: 'https' },
    'node-drain': { ...draining, name: 'k8s-run --node-drain', command: k8sRun(...drains, '--node-drain') },
    'node-drain-h2': {
      ...draining,
      name: 'k8s-run --node-drain, HTTP/2',
      command: k8sRun(...drains, '--node-drain'),
      protocol: 'h2',
    },
  };
}

const inSeconds = (milliseconds: number): string => `${milliseconds / 1_000}s`;
