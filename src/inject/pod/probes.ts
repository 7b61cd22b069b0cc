import { collectDiagnostics } from '../../config/file/diagnostics.ts';
import { KUBELET_ONLY, PROBE_NUMBERS, readProbeStanza } from '../../config/file/kubernetes-probe.ts';
import { HANDLER_NAMES } from '../../config/file/probe-handlers.ts';
import { MANIFEST_PROBE_KEYS } from '../../config/file/read-file.ts';
import { parseYaml } from '../../config/file/yaml.ts';
import { splitWords } from '../../config/split-words.ts';
import type { ProbeName } from '../../lifecycle/state.ts';
import { isJsonMap, type Json, type JsonMap, mapsOf, valueAt, wordsIn } from '../json.ts';

type NumberName = keyof typeof PROBE_NUMBERS;
/** A probe of the manifest that k8s-run takes over. */
type TakenProbe = { readonly key: string; readonly probe: ProbeName; readonly stanza: JsonMap };

export type TakenProbes = {
  /** Options of k8s-run, by their keys. */
  readonly options: readonly (readonly [key: string, value: string])[];
  /** A configuration file with what the options cannot say; null: they can. */
  readonly file: JsonMap | null;
  /** The probes for the kubelet, by their fields. */
  readonly kubelet: Readonly<Record<string, JsonMap>>;
  /** Probes that stay as they are, and why. */
  readonly kept: readonly string[];
};

/**
 * Makes the probes of a container the app's, probed by k8s-run as often as the kubelet would have, and gives the kubelet the
 * endpoints of k8s-run.
 */
export function takeProbes(container: JsonMap, healthPort: number): TakenProbes {
  const kept: string[] = [];
  const taken = Object.entries(MANIFEST_PROBE_KEYS).flatMap(([key, probe]): readonly TakenProbe[] => {
    const held = container[key];
    if (!isJsonMap(held)) return [];
    const stanza = stanzaOf(held, container, key);
    if (typeof stanza !== 'string') return [{ key, probe, stanza }];
    kept.push(`keeps its ${key}, because ${stanza}; it still probes the app itself`);
    return [];
  });
  const simple = taken.map(({ probe, stanza }) => [probe, wordFor(stanza)] as const);
  const isSimple =
    simple.every(([, word]) => word !== null) && new Set(taken.map(({ stanza }) => rhythmOf(stanza))).size < 2;
  const [first] = taken;
  const has = (key: string): boolean => taken.some((each) => each.key === key);
  const options: (readonly [string, string])[] = [];
  if (isSimple) {
    for (const [probe, word] of simple) options.push([probe, word ?? '']);
    if (first !== undefined) options.push(...rhythmOptions(first.stanza));
  }
  // Without it liveness would be probed only once the app is ready, and the kubelet did not wait for that.
  if (has('livenessProbe') && !has('startupProbe')) options.push(['startup', 'none']);
  // A worker, which listens nowhere.
  if (container['readinessProbe'] === undefined && mapsOf(container['ports']).length === 0)
    options.push(['ready', 'process']);
  return {
    options,
    file: isSimple || taken.length === 0 ? null : Object.fromEntries(taken.map(({ key, stanza }) => [key, stanza])),
    kubelet: Object.fromEntries(
      taken.map(({ key, stanza }) => [key, kubeletProbe(key, stanza, container[key], healthPort)]),
    ),
    kept,
  };
}

/** The probe with numbers for its ports and all that Kubernetes would fill in; a string: why k8s-run cannot take it over. */
function stanzaOf(held: JsonMap, container: JsonMap, key: string): JsonMap | string {
  const handlers = HANDLER_NAMES.filter((name) => isJsonMap(held[name]));
  const [handler] = handlers;
  if (handler === undefined || handlers.length > 1) return 'it has no handler or more than one';
  const action: JsonMap = isJsonMap(held[handler]) ? held[handler] : {};
  const port = action['port'];
  const number = typeof port === 'string' ? portNamed(port, container) : port;
  if (port !== undefined && number === null) return `no port of the container is called ${JSON.stringify(port)}`;
  const numbers = (Object.keys(PROBE_NUMBERS) as NumberName[]).map((name) => [name, numberIn(held, name)] as const);
  const stanza: JsonMap = {
    [handler]: number === undefined || number === null ? action : { ...action, port: number },
    ...Object.fromEntries(numbers.filter(([name, value]) => name !== 'initialDelaySeconds' || value !== 0)),
  };
  const yaml = parseYaml(JSON.stringify(stanza));
  if ('errors' in yaml) return 'k8s-run cannot read it';
  const diagnostics = collectDiagnostics('manifest');
  const spec = readProbeStanza(yaml.tree, key, { oneSuccess: key !== 'readinessProbe', inPod: true }, diagnostics);
  const [mistake] = diagnostics.mistakes();
  return spec === null || mistake !== undefined
    ? `k8s-run cannot take it over: ${mistake?.text ?? 'it is not valid'}`
    : stanza;
}

function portNamed(port: string, container: JsonMap): number | null {
  if (/^\d+$/.test(port)) return Number(port);
  const found = mapsOf(container['ports']).find(({ name }) => name === port)?.['containerPort'];
  return typeof found === 'number' ? found : null;
}

/** A 0 stands for the default: pkg/apis/core/v1/defaults.go. */
function numberIn(stanza: JsonMap, name: NumberName): number {
  const value = stanza[name];
  return typeof value === 'number' && value !== 0 ? value : PROBE_NUMBERS[name].fallback;
}

/** The probe as one word or URL; null where that cannot say all of it. */
function wordFor(stanza: JsonMap): string | null {
  if (numberIn(stanza, 'initialDelaySeconds') !== 0) return null;
  const http = stanza['httpGet'];
  if (isJsonMap(http)) {
    const { port, path = '/', scheme = 'HTTP', ...more } = http;
    const isPlain = Object.keys(more).length === 0 && typeof path === 'string' && /^\/[\w./~=&?%-]*$/.test(path);
    return isPlain ? `${String(scheme).toLowerCase()}://:${port}${path === '/' ? '' : path}` : null;
  }
  const tcp = stanza['tcpSocket'];
  if (isJsonMap(tcp)) return Object.keys(tcp).length === 1 ? `tcp://:${tcp['port']}` : null;
  const grpc = stanza['grpc'];
  if (isJsonMap(grpc)) {
    const { port, service = '', ...more } = grpc;
    const isPlain = Object.keys(more).length === 0 && /^[\w.-]*$/.test(String(service));
    return isPlain ? `grpc://:${port}${service === '' ? '' : `/${service}`}` : null;
  }
  const words = wordsIn(valueAt(stanza, ['exec', 'command'])) ?? [];
  const line = words.join(' ');
  const split = splitWords(line);
  // In the value of a variable the kubelet would expand $(…).
  const isPlain =
    'ok' in split && split.ok.length === words.length && split.ok.every((word, index) => word === words[index]);
  return isPlain && !line.includes('$') ? `exec:${line}` : null;
}

/** Options hold for all probes of a container. */
const RHYTHM: readonly (readonly [NumberName, option: string, unit: string, fallback: number])[] = [
  ['periodSeconds', 'probePeriod', 's', 1],
  ['timeoutSeconds', 'probeTimeout', 's', 1],
  ['successThreshold', 'successThreshold', '', 1],
  ['failureThreshold', 'failureThreshold', '', 3],
];

function rhythmOf(stanza: JsonMap): string {
  return JSON.stringify(RHYTHM.map(([name]) => numberIn(stanza, name)));
}

function rhythmOptions(stanza: JsonMap): readonly (readonly [string, string])[] {
  return RHYTHM.map(([name, option, unit, fallback]) => [option, unit, numberIn(stanza, name), fallback] as const)
    .filter(([, , value, fallback]) => value !== fallback)
    .map(([option, unit, value]) => [option, `${value}${unit}`] as const);
}

/** k8s-run has counted failures already, so the kubelet need not wait for as many again. */
function kubeletProbe(key: string, stanza: JsonMap, original: Json | undefined, port: number): JsonMap {
  const kill = valueAt(original, [KUBELET_ONLY]);
  const own: JsonMap = kill === undefined ? {} : { [KUBELET_ONLY]: kill };
  switch (key) {
    case 'readinessProbe':
      return { httpGet: { path: '/readyz', port }, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 1 };
    case 'startupProbe': {
      // As much time as before.
      const time =
        numberIn(stanza, 'initialDelaySeconds') +
        numberIn(stanza, 'periodSeconds') * numberIn(stanza, 'failureThreshold');
      return {
        httpGet: { path: '/startupz', port },
        periodSeconds: 1,
        failureThreshold: time,
        ...own,
      };
    }
    default:
      return { httpGet: { path: '/livez', port }, periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 3, ...own };
  }
}
