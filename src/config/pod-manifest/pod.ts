import type { ProbeName } from '../../lifecycle/state.ts';
import type { GivenOption } from '../config.ts';
import { type Diagnostics, wholeNumberIn } from '../file/diagnostics.ts';
import { PROBE_NUMBERS, readProbeStanza } from '../file/kubernetes-probe.ts';
import { type NamedPorts, type NamedPortsContext, withPortNumbers } from '../file/named-ports.ts';
import { MANIFEST_PROBE_KEYS } from '../file/read-file.ts';
import type { YamlTree } from '../file/yaml.ts';
import type { HttpProbeSpec, ProbeSpec } from '../probe-spec.ts';
import { containerOptions } from './container.ts';
import { expandVariables } from './expand.ts';
import { entryAt, itemsAt, nodeAt, textAt, textsAt } from './tree-access.ts';

/** What a manifest says of a pod's first container, as far as it applies without a cluster. Times in milliseconds. */
export type PodManifest = {
  readonly kind: string;
  readonly name: string;
  readonly container: string;
  /** Container ports by name; a port without a name by its number. */
  readonly ports: ReadonlyMap<string, number>;
  readonly probes: Readonly<Partial<Record<ProbeName, ManifestProbe>>>;
  readonly terminationGracePeriod: number;
  readonly environment: Readonly<Record<string, string>>;
  /** The options of k8s-run in command and args. */
  readonly options: readonly GivenOption[];
  readonly preStop: PreStopHook | null;
  /** What the manifest has that is not available outside the cluster. */
  readonly remarks: readonly string[];
};
export type ManifestProbe = {
  readonly spec: ProbeSpec;
  readonly rule: Readonly<
    Record<'initialDelay' | 'period' | 'timeout' | 'successThreshold' | 'failureThreshold', number>
  >;
};
export type PreStopHook =
  | { readonly kind: 'sleep'; readonly milliseconds: number }
  | { readonly kind: 'exec'; readonly command: readonly string[] }
  | { readonly kind: 'http'; readonly spec: HttpProbeSpec };

/** A workload's object, and the spec of its pods inside it. */
export type PodObject = { readonly kind: string; readonly tree: YamlTree; readonly pod: YamlTree };

/** The default of terminationGracePeriodSeconds: pkg/apis/core/v1/defaults.go. */
const DEFAULT_GRACE_PERIOD_SECONDS = 30;
const MAX_GRACE_PERIOD_SECONDS = 86_400;

export function readPod({ kind, tree, pod }: PodObject, diagnostics: Diagnostics): PodManifest | null {
  const [container, ...others] = itemsAt(pod, 'containers');
  if (container === undefined) {
    diagnostics.addMistake(pod.position, kind, 'its pod has no containers; write containers: [{ name: web }]');
    return null;
  }
  const name = textAt(container, ['name']) ?? 'the first container';
  const grace = entryAt(pod, 'terminationGracePeriodSeconds');
  const range = { min: 0, max: MAX_GRACE_PERIOD_SECONDS };
  const seconds = grace === undefined ? null : wholeNumberIn(grace, grace.key, range, diagnostics);
  const ports = portsOf(container);
  const { environment: variables, remarks } = environmentOf(container);
  const words = { command: textsAt(container, 'command'), args: textsAt(container, 'args') };
  const position = (entryAt(container, 'command') ?? entryAt(container, 'args'))?.position ?? container.position;
  const { options, environment, remarks: missing } = containerOptions({ ...words, position }, variables, diagnostics);
  const rest = others.length === 0 ? [] : [`only container ${name} is rehearsed, not the others of the pod`];
  const hook = preStopOf(nodeAt(container, ['lifecycle', 'preStop']), ports, diagnostics);
  const { preStop, remarks: preStopRemarks } = hook;
  return {
    kind,
    name: textAt(tree, ['metadata', 'name']) ?? 'web',
    container: name,
    ports,
    probes: probesOf(container, ports, diagnostics),
    terminationGracePeriod: (seconds ?? DEFAULT_GRACE_PERIOD_SECONDS) * 1_000,
    environment,
    options,
    preStop,
    remarks: [...rest, ...remarks, ...missing, ...preStopRemarks],
  };
}

function probesOf(
  container: YamlTree,
  ports: ReadonlyMap<string, number>,
  diagnostics: Diagnostics,
): PodManifest['probes'] {
  return Object.fromEntries(
    Object.entries(MANIFEST_PROBE_KEYS).flatMap(([key, probe]) => {
      const stanza = entryAt(container, key);
      if (stanza === undefined) return [];
      const tree = withPortNumbers(stanza.value, key, named(ports), diagnostics);
      const spec = readProbeStanza(tree, key, { oneSuccess: probe !== 'ready', inPod: true }, diagnostics);
      return spec === null ? [] : [[probe, { spec, rule: thresholdsOf(spec) }]];
    }),
  );
}

function thresholdsOf({ timing }: ProbeSpec): ManifestProbe['rule'] {
  return {
    initialDelay: timing?.initialDelay ?? 0,
    period: timing?.period ?? PROBE_NUMBERS.periodSeconds.fallback * 1_000,
    timeout: timing?.timeout ?? PROBE_NUMBERS.timeoutSeconds.fallback * 1_000,
    successThreshold: timing?.successThreshold ?? PROBE_NUMBERS.successThreshold.fallback,
    failureThreshold: timing?.failureThreshold ?? PROBE_NUMBERS.failureThreshold.fallback,
  };
}

function portsOf(container: YamlTree): ReadonlyMap<string, number> {
  return new Map(
    itemsAt(container, 'ports').flatMap((each): (readonly [string, number])[] => {
      const port = Number(textAt(each, ['containerPort']));
      return Number.isInteger(port) && port > 0 ? [[textAt(each, ['name']) ?? String(port), port]] : [];
    }),
  );
}

function environmentOf(container: YamlTree): Pick<PodManifest, 'environment' | 'remarks'> {
  const environment: Record<string, string> = {};
  const missing: string[] = [];
  for (const each of itemsAt(container, 'env')) {
    const name = textAt(each, ['name']);
    if (name === null) continue;
    const value = textAt(each, ['value']);
    // A value may refer to the variables before it.
    if (value !== null) environment[name] = expandVariables(value, environment);
    else if (entryAt(each, 'valueFrom') !== undefined) missing.push(name);
  }
  const fromCluster =
    missing.length === 0
      ? []
      : [`set ${missing.join(', ')} in this shell, because valueFrom takes the value from the cluster`];
  const envFrom =
    entryAt(container, 'envFrom') === undefined
      ? []
      : ['set the variables of envFrom in this shell, because their values are in the cluster'];
  return { environment, remarks: [...fromCluster, ...envFrom] };
}

/** What a stanza's port may name, as withPortNumbers takes it. */
function named(ports: NamedPorts): NamedPortsContext {
  return { ports, remedy: "add it to the container's ports, or write the number" };
}

function preStopOf(
  tree: YamlTree | null,
  ports: ReadonlyMap<string, number>,
  diagnostics: Diagnostics,
): Pick<PodManifest, 'preStop' | 'remarks'> {
  const only = (preStop: PreStopHook | null): ReturnType<typeof preStopOf> => ({ preStop, remarks: [] });
  if (tree === null) return only(null);
  const seconds = nodeAt(tree, ['sleep', 'seconds']);
  if (seconds?.kind === 'scalar') return only({ kind: 'sleep', milliseconds: Number(seconds.value) * 1_000 });
  const stanza = withPortNumbers(tree, 'preStop', named(ports), diagnostics);
  const spec = readProbeStanza(stanza, 'preStop', { oneSuccess: false }, diagnostics);
  switch (spec?.kind) {
    case undefined:
      return only(null);
    case 'exec':
      return only({ kind: 'exec', command: spec.command });
    case 'http':
      return only({ kind: 'http', spec });
    // The API server accepts it, and the kubelet knows no such hook: pkg/kubelet/lifecycle/handlers.go.
    case 'tcp':
      return unsupported('tcpSocket', 'because Kubernetes accepts it and fails it at runtime');
    case 'grpc':
      return unsupported('grpc', 'because Kubernetes has no such hook');
    // No stanza is read as one of these.
    case 'auto':
    case 'process':
    case 'none':
    case 'file':
      return only(null);
  }
}

function unsupported(handler: string, why: string): Pick<PodManifest, 'preStop' | 'remarks'> {
  return {
    preStop: null,
    remarks: [`lifecycle.preStop.${handler} is not rehearsed, ${why}; use exec, httpGet or sleep`],
  };
}
