import { commandOf, entrypointOf, environmentFromOf } from './container-command.ts';
import type { ImageReference } from './image-reference.ts';
import { isUnversioned } from './image-reference.ts';
import type { ManifestInput } from './manifest-input.ts';
import { containerPorts } from './ports.ts';
import { jobProbesOf, probesOf } from './probes.ts';
import { resizePolicyOf } from './resize-policy.ts';
import { volumeMountsOf } from './volumes.ts';
import { withComment, type YamlFields, type YamlValue } from './yaml-writer.ts';

export function containerOf(input: ManifestInput): YamlFields {
  const { name, image, kind, terminationLog } = input;
  const { args, env } = commandOf(input);
  return {
    name,
    image: imageOf(image),
    command: entrypointOf(input),
    args,
    env: env.length === 0 ? undefined : env,
    envFrom: environmentFromOf(input),
    ports: containerPorts(input),
    ...(isJob(kind) ? jobProbesOf(input) : probesOf(input)),
    resources: resourcesOf(input),
    terminationMessagePath: terminationLog ?? undefined,
    resizePolicy: resizePolicyOf(input),
    securityContext: containerSecurityContext(),
    volumeMounts: volumeMountsOf(input),
  };
}

/** Whether its pods run to an end instead of serving. */
export function isJob(kind: ManifestInput['kind']): boolean {
  return kind === 'job' || kind === 'cronjob';
}

function imageOf(image: ImageReference): YamlValue {
  if (!isUnversioned(image)) return image.text;
  const comment =
    image.tag === null
      ? 'Add a version: without one the tag is latest, which may be another image each time a pod starts.'
      : 'Name a version: latest may be another image each time a pod starts.';
  return withComment(comment, image.text);
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
