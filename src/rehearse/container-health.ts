/** A probe as the kubelet understands it: k8s.io/api/core/v1 Probe, times in milliseconds. */
export type Rule = {
  readonly initialDelay: number;
  readonly period: number;
  readonly timeout: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
};

export type Check = 'startup' | 'ready' | 'live';

/** What the kubelet thinks of one container; each check knows only its last run of equal results. */
export type Health = {
  readonly started: boolean;
  readonly ready: boolean;
  readonly live: boolean;
  readonly runs: Readonly<Record<Check, Run>>;
};
type Run = { readonly passed: boolean; readonly length: number };

const NONE: Run = { passed: false, length: 0 };

/**
 * Before anything was asked (pkg/kubelet/prober/prober_manager.go): what has no startup probe has started, what has no
 * readiness probe is ready with that, and everybody is alive.
 */
export function newHealth(checks: ReadonlySet<Check>): Health {
  const started = !checks.has('startup');
  return {
    started,
    ready: started && !checks.has('ready'),
    live: true,
    runs: { startup: NONE, ready: NONE, live: NONE },
  };
}

/** Whether the kubelet asks this now: the startup probe until it has passed, the others from then on. */
export const isAsked = (check: Check, { started }: Health): boolean => (check === 'startup') !== started;

/** One answer counted, by the rules of pkg/kubelet/prober/worker.go: a verdict changes after so many equal results in a row. */
export function counted(health: Health, check: Check, passed: boolean, rule: Rule, checks: ReadonlySet<Check>): Health {
  if (!isAsked(check, health)) return health;
  const before = health.runs[check];
  const run: Run = { passed, length: before.passed === passed ? before.length + 1 : 1 };
  const runs = { ...health.runs, [check]: run };
  if (run.length < (passed ? rule.successThreshold : rule.failureThreshold)) return { ...health, runs };
  switch (check) {
    case 'ready':
      return { ...health, runs, ready: passed };
    case 'live':
      return { ...health, runs, live: passed };
    case 'startup':
      // A container that does not start is killed, as one that is not alive.
      if (!passed) return { ...health, runs, live: false };
      return { ...health, runs, started: true, ready: !checks.has('ready') };
  }
}
