import type { Severity } from './catalog.ts';

/** The probes of a container, by their fields in a manifest. */
export type ProbeField = 'readinessProbe' | 'livenessProbe' | 'startupProbe';
export const PROBE_FIELDS: readonly ProbeField[] = ['startupProbe', 'readinessProbe', 'livenessProbe'];

/** The path of each probe at the health port, and other paths that do for it. */
export const PROBE_PATHS: Readonly<Record<ProbeField, readonly [right: string, ...others: string[]]>> = {
  readinessProbe: ['/readyz'],
  livenessProbe: ['/livez', '/healthz'],
  startupProbe: ['/startupz', '/readyz'],
};

/**
 * How bad it is that a probe gets the verdict of another. Readiness then sends requests to an app that is starting, liveness
 * kills an app that starts slowly, and a startupProbe at liveness has passed before the app has started.
 */
export function severityOfVerdict(probeField: ProbeField, verdict: string): { readonly severity: Severity } {
  if (probeField === 'readinessProbe') return { severity: 'error' };
  return { severity: verdict.startsWith('startup') ? 'warning' : 'note' };
}

/** The word of each probe after `k8s-run probe`. */
export const PROBE_VERDICTS: Readonly<Record<ProbeField, string>> = {
  readinessProbe: 'ready',
  livenessProbe: 'live',
  startupProbe: 'startup',
};

/** The paths of the health server, and the verdict of each. */
export const HEALTH_PATHS: ReadonlyMap<string, string> = new Map([
  ['/readyz', 'readiness'],
  ['/livez', 'liveness'],
  ['/healthz', 'liveness'],
  ['/startupz', 'startup'],
]);
