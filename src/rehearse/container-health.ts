/** The numbers of a probe: k8s.io/api/core/v1 Probe, times in milliseconds. */
export type ProbeRule = {
  readonly initialDelay: number;
  readonly period: number;
  readonly timeout: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
};

export type KubeletProbe = 'startup' | 'ready' | 'live';

/** What the kubelet knows of one container. */
export type ContainerHealth = {
  readonly started: boolean;
  readonly ready: boolean;
  readonly live: boolean;
  /** The latest results of each probe, as far back as they are equal. */
  readonly latest: Readonly<Record<KubeletProbe, EqualResults>>;
};
type EqualResults = { readonly passed: boolean; readonly count: number };

const NONE: EqualResults = { passed: false, count: 0 };

/**
 * Before the first probe (pkg/kubelet/prober/prober_manager.go): a container without a startup probe has started, a started
 * one without a readiness probe is ready, and every one is alive.
 */
export function initialHealth(probes: ReadonlySet<KubeletProbe>): ContainerHealth {
  const started = !probes.has('startup');
  return {
    started,
    ready: started && !probes.has('ready'),
    live: true,
    latest: { startup: NONE, ready: NONE, live: NONE },
  };
}

/** Whether the kubelet runs this probe now: the startup probe until it has passed, the others from then on. */
export const isProbed = (probe: KubeletProbe, { started }: ContainerHealth): boolean =>
  (probe === 'startup') !== started;

export type ProbeOutcome = { readonly probe: KubeletProbe; readonly passed: boolean; readonly rule: ProbeRule };

/** The health after one more result, by pkg/kubelet/prober/worker.go: a verdict changes after enough equal results in a row. */
export function withResult(
  health: ContainerHealth,
  { probe, passed, rule }: ProbeOutcome,
  probes: ReadonlySet<KubeletProbe>,
): ContainerHealth {
  if (!isProbed(probe, health)) return health;
  const before = health.latest[probe];
  const results: EqualResults = { passed, count: before.passed === passed ? before.count + 1 : 1 };
  const latest = { ...health.latest, [probe]: results };
  if (results.count < (passed ? rule.successThreshold : rule.failureThreshold)) return { ...health, latest };
  switch (probe) {
    case 'ready':
      return { ...health, latest, ready: passed };
    case 'live':
      return { ...health, latest, live: passed };
    case 'startup':
      // The kubelet restarts a container that does not start, like one that is not alive.
      if (!passed) return { ...health, latest, live: false };
      return { ...health, latest, started: true, ready: !probes.has('ready') };
  }
}
