import { oneOf, type ReadValue } from '../config/values.ts';
import type { ImageReference } from '../manifest/image-reference.ts';
import { type ObjectReference, type Scale, WORKLOAD_KINDS, type WorkloadKind } from '../manifest/manifest-input.ts';
import { MANIFEST_FORMATS, type ManifestFormat } from '../manifest/yaml-writer.ts';
import type { CommandOption } from './command-file.ts';
import { manifestContradictions } from './manifest-contradictions.ts';
import {
  type PortChoice,
  readAutoscaling,
  readCidr,
  readDnsLabel,
  readImage,
  readLabel,
  readObjectName,
  readPort,
  readProgram,
  readQuantity,
  readReference,
  readReplicas,
  readSchedule,
  readVariable,
} from './manifest-values.ts';

/** The options of `k8s-run manifest` beside those of k8s-run. */
export const options: readonly CommandOption[] = [
  {
    flags: '--kind <kind>',
    help: `kind of the workload: ${WORKLOAD_KINDS.join(', ')} (default: deployment)`,
    words: WORKLOAD_KINDS,
  },
  { flags: '--schedule <cron>', help: 'schedule of a CronJob, in UTC, such as "0 3 * * *"' },
  { flags: '--name <name>', help: 'name of the objects (default: last part of the image name)' },
  { flags: '--namespace <namespace>', help: 'namespace of the objects (default: none, so that kubectl chooses)' },
  { flags: '--label <name=value>', help: 'label of the objects and pods, beside the recommended ones (repeatable)' },
  { flags: '--image <image>', help: 'image of the app; its ENTRYPOINT is k8s-run, unless --entrypoint is given' },
  { flags: '--image-pull-secret <name>', help: 'Secret with the credentials of the registry (repeatable)' },
  {
    flags: '--service-account <name>',
    help: 'ServiceAccount of the pods; it is printed too, unless it is default',
  },
  { flags: '--replicas <n>', help: 'number of pods (default: 2)' },
  { flags: '--hpa <least:most>', help: 'least and most pods of a HorizontalPodAutoscaler, such as 2:10' },
  {
    flags: '--port <port>',
    help: 'port of the app, with its name or not (8080, grpc:50051), or none (repeatable; default: the port of --ready, else 8080; none if --ready needs no port, and for a Job)',
  },
  { flags: '--env <name=value>', help: 'variable of the app (repeatable)' },
  { flags: '--env-from <kind/name>', help: 'variables of the app from configmap/<name> or secret/<name> (repeatable)' },
  { flags: '--cpu <quantity>', help: 'CPU request (default: 100m)' },
  { flags: '--memory <quantity>', help: 'memory request and limit (default: 256Mi)' },
  {
    flags: '--entrypoint <command>',
    help: 'command that starts k8s-run in an image with another ENTRYPOINT, such as /opt/k8s-run/bin/k8s-run',
  },
  { flags: '--network-policy', help: 'print a NetworkPolicy that admits clients to the ports of the app, and probes' },
  {
    flags: '--node-cidr <cidr>',
    help: 'addresses of the nodes, which the NetworkPolicy alone admits to the health port (repeatable)',
  },
  {
    flags: '--pod-monitor',
    help: 'print a PodMonitor, by which the Prometheus operator scrapes the metrics of k8s-run',
  },
  {
    flags: '--format <format>',
    help: 'format of the output: yaml, with reasons as comments, or json (default: yaml)',
    words: MANIFEST_FORMATS,
  },
  {
    flags: '--kustomize <file>',
    help: 'print a kustomization.yaml that adds k8s-run to the workload in this manifest (-: stdin) and keeps all else',
  },
  { flags: '--container <name>', help: 'container of the app in the manifest of --kustomize, if it has several' },
  { flags: '--helm-values', help: 'print a values.yaml for a chart made by helm create' },
];

/** The valid values of these options; null where the value depends on other options, or there is none. */
export type ManifestOptions = {
  readonly output: 'objects' | 'kustomize' | 'helm-values';
  readonly format: ManifestFormat;
  readonly kind: WorkloadKind | null;
  readonly schedule: string | null;
  readonly name: string | null;
  readonly namespace: string | null;
  readonly labels: readonly (readonly [string, string])[];
  readonly image: ImageReference;
  readonly imagePullSecrets: readonly string[];
  readonly serviceAccount: string | null;
  readonly scale: Scale;
  readonly ports: readonly PortChoice[];
  readonly environment: readonly (readonly [string, string])[];
  readonly environmentFrom: readonly ObjectReference[];
  readonly cpu: string;
  readonly memory: string;
  readonly entrypoint: readonly string[] | null;
  readonly networkPolicy: { readonly nodes: readonly string[] } | null;
  readonly podMonitor: boolean;
  /** The manifest of --kustomize. */
  readonly base: string | null;
  readonly container: string | null;
};

const IMAGE: ImageReference = {
  text: 'registry.example.com/app:1.0.0',
  name: 'registry.example.com/app',
  tag: '1.0.0',
  digest: null,
};
const REPLICAS: Scale = { replicas: 2 };

/** Reads all of them. Each invalid value is a mistake, and so is an option that has no effect beside another one. */
export function readManifestOptions(given: ReadonlyMap<string, readonly (string | true)[]>): {
  readonly own: ManifestOptions;
  readonly mistakes: readonly string[];
} {
  const mistakes: string[] = [];
  const all = <T>(flag: string, reader: (text: string) => ReadValue<T>): readonly T[] =>
    (given.get(flag) ?? []).flatMap((value) => {
      const result = reader(String(value));
      if ('ok' in result) return [result.ok];
      mistakes.push(`cannot use --${flag} ${JSON.stringify(value)}: ${result.problem}`);
      return [];
    });
  const one = <T>(flag: string, reader: (text: string) => ReadValue<T>): T | null => all(flag, reader).at(-1) ?? null;
  const text = (value: string): ReadValue<string> => ({ ok: value });
  const isKustomize = given.has('kustomize');
  const own: ManifestOptions = {
    output: isKustomize ? 'kustomize' : given.has('helm-values') ? 'helm-values' : 'objects',
    format: one('format', (word) => oneOf(word, MANIFEST_FORMATS)) ?? 'yaml',
    kind: one('kind', (word) => oneOf(word, WORKLOAD_KINDS)),
    schedule: one('schedule', readSchedule),
    name: one('name', isKustomize ? readObjectName : readDnsLabel),
    namespace: one('namespace', readDnsLabel),
    labels: all('label', readLabel),
    image: one('image', readImage) ?? IMAGE,
    imagePullSecrets: all('image-pull-secret', readObjectName),
    serviceAccount: one('service-account', readObjectName),
    scale: one('hpa', readAutoscaling) ?? one('replicas', readReplicas) ?? REPLICAS,
    ports: all('port', readPort),
    environment: all('env', readVariable),
    environmentFrom: all('env-from', readReference),
    cpu: one('cpu', readQuantity(/^\d+(\.\d+)?m?$/, '250m or 1')) ?? '100m',
    memory: one('memory', readQuantity(/^\d+(\.\d+)?([KMGT]i|[kMGT])?$/, '256Mi or 1Gi')) ?? '256Mi',
    entrypoint: one('entrypoint', readProgram),
    networkPolicy: given.has('network-policy') ? { nodes: all('node-cidr', readCidr) } : null,
    podMonitor: given.has('pod-monitor'),
    base: one('kustomize', text),
    container: one('container', readDnsLabel),
  };
  return { own, mistakes: [...mistakes, ...manifestContradictions(own, given)] };
}
