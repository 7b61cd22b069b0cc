import { commandOf, entrypointOf } from './container-command.ts';
import type { ManifestInput } from './manifest-input.ts';
import { volumeMountsOf } from './volumes.ts';
import { withComment, type YamlFields } from './yaml-writer.ts';

export function containerOf(input: ManifestInput): YamlFields {
  const { name, image } = input;
  const { args, env } = commandOf(input);
  return {
    name,
    image:
      image.includes(':') || image.includes('@')
        ? image
        : withComment('Add a version, because without one a rollout may start the same image again.', image),
    command: entrypointOf(input),
    args,
    env: env.length === 0 ? undefined : env,
    ports: portsOf(input),
    ...probesOf(input),
    resources: resourcesOf(input),
    securityContext: containerSecurityContext(),
    volumeMounts: volumeMountsOf(input),
  };
}

function portsOf({ port, health }: ManifestInput): readonly YamlFields[] {
  const healthPort = { name: 'health', containerPort: health.port };
  if (port === null) return [healthPort];
  const number = port.assumed ? withComment('Assumed; set it with --port.', port.number) : port.number;
  return [{ name: port.grpc ? 'grpc' : 'http', containerPort: number }, healthPort];
}

/** All three probe k8s-run. `port`: the health port, by name or by number. */
export function probesOf({ health, entrypoint }: ManifestInput, port: 'health' | number = 'health'): YamlFields {
  const handler = (path: string, verdict: string): YamlFields =>
    health.probedBy === 'httpGet'
      ? { httpGet: { path, port } }
      : { exec: { command: [...(entrypoint ?? ['k8s-run']), 'probe', verdict] }, timeoutSeconds: 2 };
  return {
    startupProbe: withComment('The app has 60 s to start; raise failureThreshold if it needs more.', {
      ...handler('/startupz', 'startup'),
      periodSeconds: 1,
      failureThreshold: 60,
    }),
    readinessProbe: withComment(
      'One failure is enough, because k8s-run has already counted failures (--failure-threshold). 2 s, because a CPU\nlimit can delay an answer.',
      {
        ...handler('/readyz', 'ready'),
        periodSeconds: 2,
        timeoutSeconds: 2,
        failureThreshold: 1,
      },
    ),
    livenessProbe: withComment(
      'A restart helps against a deadlock, but not against a slow database: so this probes less often, and never readiness.',
      {
        ...handler('/livez', 'live'),
        periodSeconds: 10,
        timeoutSeconds: 2,
        failureThreshold: 3,
      },
    ),
  };
}

export function resourcesOf({ cpu, memory }: ManifestInput): YamlFields {
  return {
    requests: withComment('The scheduler reserves this: measure the app, and set both.', { cpu, memory }),
    limits: withComment(
      'Memory as requested, so that the pod is not evicted first. No CPU limit, because it would throttle the app,\nits probes and its shutdown while the node has idle CPU.',
      { memory },
    ),
  };
}

export function containerSecurityContext(): YamlFields {
  return {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: withComment('k8s-run writes no file; the app can write to /tmp.', true),
  };
}
