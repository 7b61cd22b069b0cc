import type { ManifestInput } from './manifest-input.ts';
import { withComment, type YamlFields } from './yaml-writer.ts';

/** Seconds that an app has for its start. */
export const START_TIME = 60;

/** All three probe k8s-run. `port`: the health port, by name or by number. */
export function probesOf(input: ManifestInput, port: 'health' | number = 'health'): YamlFields {
  const { startup, health } = input;
  // An exec probe starts a process each time.
  const period = health.probedBy === 'exec' ? 2 : 1;
  return {
    startupProbe: withComment(`${startup.sum}; raise failureThreshold if it needs more.`, {
      ...handlerOf(input, 'startup', port),
      periodSeconds: period,
      failureThreshold: Math.ceil(startup.seconds / period),
    }),
    readinessProbe: withComment(
      'One failure is enough, because k8s-run has already counted failures (--failure-threshold). 2 s, because a CPU\nlimit can delay an answer.',
      {
        ...handlerOf(input, 'ready', port),
        periodSeconds: 2,
        timeoutSeconds: 2,
        failureThreshold: 1,
      },
    ),
    livenessProbe: livenessProbe(input, port),
  };
}

/** The probe of a Job, which gets no requests and whose start nobody waits for: only of an app that says whether it is alive. */
export function jobProbesOf(input: ManifestInput): YamlFields {
  return input.hasLiveProbe ? { livenessProbe: livenessProbe(input, 'health') } : {};
}

function livenessProbe(input: ManifestInput, port: 'health' | number): YamlFields[string] {
  return withComment(
    'A restart helps against a deadlock, but not against a slow database: so this probes less often, and never readiness.',
    {
      ...handlerOf(input, 'live', port),
      periodSeconds: 10,
      timeoutSeconds: 2,
      failureThreshold: 3,
    },
  );
}

const PATHS = { startup: '/startupz', ready: '/readyz', live: '/livez' } as const;

function handlerOf(
  { health, entrypoint }: ManifestInput,
  verdict: keyof typeof PATHS,
  port: 'health' | number,
): YamlFields {
  if (health.probedBy === 'httpGet') return { httpGet: { path: PATHS[verdict], port } };
  return { exec: { command: [...(entrypoint ?? ['k8s-run']), 'probe', verdict] }, timeoutSeconds: 2 };
}
