import { isJob } from '../container.ts';
import { commandOf, entrypointOf } from '../container-command.ts';
import { IGNORE_ANNOTATION, knownAssumptions } from '../labels.ts';
import type { ManifestInput } from '../manifest-input.ts';
import { gracePeriodComment } from '../pod.ts';
import { transportOf } from '../ports.ts';
import { jobProbesOf } from '../probes.ts';
import { isInside, volumeMountsOf, volumesOf } from '../volumes.ts';
import { WORKLOADS } from '../workload.ts';
import {
  type ManifestDocument,
  plain,
  withComment,
  writeYaml,
  type YamlFields,
  type YamlValue,
} from '../yaml-writer.ts';
import { type Base, TEMPLATE_PATHS } from './base.ts';
import { jsonField, jsonList, jsonNumber, jsonText } from './json-access.ts';
import { healthPortName, patchedProbes } from './patched-probes.ts';
import { GRACE_PERIOD_OF_KUBERNETES, sleepOfPreStop } from './take-over.ts';

export type KustomizationInput = {
  readonly input: ManifestInput;
  readonly base: Base;
  /** The file of the base; `-`: it came through a pipe. */
  readonly file: string;
  /** What of the base k8s-run does from now on. */
  readonly notes: readonly string[];
};

/**
 * A kustomization.yaml with a patch that adds to the user's workload what k8s-run needs, and leaves all else as it is: resources,
 * strategy, security context, ports, and every number that is as good or better.
 */
export function kustomization({ input, base, file, notes }: KustomizationInput): ManifestDocument {
  const { name, namespace, file: config } = input;
  const { kind, apiVersion, containerName } = base;
  const patch = writeYaml({
    fields: {
      apiVersion,
      kind: WORKLOADS[base.kind].kind,
      metadata: { name: base.name, annotations: annotationsOf(input, base) },
      ...nested(TEMPLATE_PATHS[kind], { spec: podPatch(input, base) }),
    },
  });
  const head = [
    `kustomization.yaml: runs ${containerName} of ${WORKLOADS[base.kind].kind} ${base.name} under k8s-run. The patch adds what k8s-run needs, and`,
    'leaves all else as it is.',
    ...notes,
  ].join('\n');
  return {
    head,
    fields: {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      namespace: namespace ?? undefined,
      resources: [resourceOf(file)],
      configMapGenerator:
        config?.text == null
          ? undefined
          : [{ name: `${name}-k8s-run`, files: [withComment('In the folder of this file.', config.name)] }],
      patches: [{ target: { kind: WORKLOADS[base.kind].kind, name: base.name }, patch }],
    },
  };
}

/** The rules that the user has ignored, and ours. */
function annotationsOf(input: ManifestInput, { object }: Base): YamlFields | undefined {
  const rules = knownAssumptions(input);
  const given = jsonText(object, 'metadata', 'annotations', IGNORE_ANNOTATION)?.split(',') ?? [];
  if (rules.length === 0) return undefined;
  return { [IGNORE_ANNOTATION]: [...new Set([...given.map((rule) => rule.trim()), ...rules])].join(',') };
}

function resourceOf(file: string): YamlValue {
  if (file === '-') return withComment('The folder of which the manifest was made.', '../base');
  if (!file.startsWith('/') && !file.startsWith('..')) return file;
  const folder = file.replace(/\/?[^/]*$/, '');
  return withComment('With a kustomization.yaml, because kustomize reads no file outside of its own folder.', folder);
}

function nested(keys: readonly string[], value: YamlFields): YamlFields {
  return keys.reduceRight<YamlFields>((inner, key) => ({ [key]: inner }), value);
}

function podPatch(input: ManifestInput, base: Base): YamlFields {
  const volumes = volumesOf(missingMounts(input, base), false);
  return {
    terminationGracePeriodSeconds: gracePeriod(input, base),
    containers: [containerPatch(input, base)],
    volumes: volumes.length === 0 ? undefined : volumes,
  };
}

/** Raised where it is too short, never lowered. */
function gracePeriod({ shutdown }: ManifestInput, base: Base): YamlValue | undefined {
  const sleep = sleepOfPreStop(base) ?? 0;
  const needed = shutdown.seconds + sleep;
  if ((jsonNumber(base.pod, 'terminationGracePeriodSeconds') ?? GRACE_PERIOD_OF_KUBERNETES) >= needed) return undefined;
  return withComment(gracePeriodComment(`${sleep > 0 ? `preStop ${sleep}s + ` : ''}${shutdown.sum}`), needed);
}

function containerPatch(input: ManifestInput, base: Base): YamlFields {
  const { args, env } = commandOf(input);
  const mounts = volumeMountsOf(missingMounts(input, base), false);
  const newEnv = env.flatMap((each) => newVariable(each, base));
  const newPorts = portsOf(input, base);
  return {
    name: base.containerName,
    command: entrypointOf(input) ?? removedCommand(base),
    args,
    env: newEnv.length === 0 ? undefined : newEnv,
    ports: newPorts.length === 0 ? undefined : newPorts,
    ...(isJob(input.kind) ? jobProbesOf(input) : patchedProbes(input, base)),
    terminationMessagePath: input.terminationLog ?? undefined,
    volumeMounts: mounts.length === 0 ? undefined : mounts,
  };
}

function removedCommand({ container }: Base): YamlValue | undefined {
  if (jsonField(container, 'command') === undefined) return undefined;
  return withComment('Removes the command of your container, because the ENTRYPOINT of the image is k8s-run.', null);
}

/** The variable, unless the container has it with this value. Merged with one of another form it would have two. */
function newVariable(variable: YamlValue, { container }: Base): readonly YamlValue[] {
  const given = plain(variable);
  const old = jsonList(container, 'env').find((each) => jsonText(each, 'name') === jsonText(given, 'name'));
  if (old === undefined) return [variable];
  const value = jsonText(given, 'value');
  if (value !== null && value === jsonText(old, 'value')) return [];
  const other = value === null ? 'value' : 'valueFrom';
  return [jsonField(old, other) === undefined ? variable : { ...(given as YamlFields), [other]: null }];
}

/** The folders that the container has not mounted already. */
function missingMounts(input: ManifestInput, { container, pod }: Base): ManifestInput {
  const mounted = jsonList(container, 'volumeMounts').flatMap((each) => jsonText(each, 'mountPath') ?? []);
  const isMissing = ({ path }: { readonly path: string }): boolean => !mounted.some((each) => isInside(path, each));
  const takenVolumes = jsonList(pod, 'volumes').flatMap((each) => jsonText(each, 'name') ?? []);
  return { ...input, takenVolumes, mounts: input.mounts.filter(isMissing) };
}

/** The health port, and ports of --port, that the container does not have. */
function portsOf({ ports, health }: ManifestInput, base: Base): readonly YamlFields[] {
  const old = jsonList(base.container, 'ports');
  const hasNumber = (port: number): boolean => old.some((each) => jsonNumber(each, 'containerPort') === port);
  const hasName = (name: string): boolean => old.some((each) => jsonText(each, 'name') === name);
  const added = ports
    .filter(({ assumed, number }) => !assumed && !hasNumber(number))
    .map((port) => ({
      name: hasName(port.name) ? undefined : port.name,
      containerPort: port.number,
      protocol: transportOf(port),
    }));
  const name = healthPortName(base, health.port);
  return hasNumber(health.port) ? added : [...added, { name, containerPort: health.port }];
}
