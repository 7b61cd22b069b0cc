import type { ProbeName } from '../../lifecycle/state.ts';
import type { GivenOption } from '../config.ts';
import { collect, type Findings, wholeIn } from '../file/diagnostics.ts';
import { NUMBERS, readStanza } from '../file/kubernetes-probe.ts';
import { PASTED, readText } from '../file/read-file.ts';
import { type Entry, readDocument, type Tree } from '../file/yaml.ts';
import type { ProbeSpec } from '../probe-spec.ts';
import { containerOptions } from './container.ts';
import { expanded } from './expand.ts';

/** What a pod's manifest says of its first container, as far as it can be played without a cluster. Times in milliseconds. */
export type Workload = {
  readonly kind: string;
  readonly name: string;
  readonly container: string;
  /** Its ports by name; those without one by their number. */
  readonly ports: ReadonlyMap<string, number>;
  readonly probes: Readonly<Partial<Record<ProbeName, WorkloadProbe>>>;
  readonly terminationGracePeriod: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Those of k8s-run in its command and args. */
  readonly options: readonly GivenOption[];
  readonly preStop: Hook | null;
  /** What it says and cannot be had here. */
  readonly remarks: readonly string[];
};
export type WorkloadProbe = {
  readonly spec: ProbeSpec;
  readonly rule: Readonly<
    Record<'initialDelay' | 'period' | 'timeout' | 'successThreshold' | 'failureThreshold', number>
  >;
};
export type Hook =
  | { readonly kind: 'sleep'; readonly milliseconds: number }
  | { readonly kind: 'exec'; readonly command: readonly string[] }
  | { readonly kind: 'http'; readonly spec: ProbeSpec };

type ReadWorkload = { readonly ok: Workload } | { readonly mistakes: readonly string[] };

/** Where each kind keeps its pods. */
const POD_OF: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec', 'template', 'spec'],
  StatefulSet: ['spec', 'template', 'spec'],
  DaemonSet: ['spec', 'template', 'spec'],
  ReplicaSet: ['spec', 'template', 'spec'],
  Pod: ['spec'],
};
/** Only documents that may hold one are read; a file may have thousands of others. */
const MAY_HOLD = new RegExp(`["']?kind["']?\\s*:\\s*["']?(${[...Object.keys(POD_OF), 'List'].join('|')})\\b`);
/** Of those that may hold one; what holds none after so many is no manifest of an app's. */
const MOST_CANDIDATES = 50;
const GRACE_SECONDS = 30;

/** Reads the first workload of a manifest. Whatever is wrong is told with its place. */
export function readWorkload(path: string): ReadWorkload {
  const about = (problem: string): ReadWorkload => ({ mistakes: [`cannot read --manifest ${path}: ${problem}`] });
  const text = readText(path);
  if ('problem' in text) return about(text.problem);
  const candidates = documentsOf(text.ok).filter(({ lines }) => MAY_HOLD.test(lines));
  for (const { begin, lines } of candidates.slice(0, MOST_CANDIDATES)) {
    // Behind so many empty lines its places are those of the file.
    const read = readDocument('\n'.repeat(begin) + lines);
    const findings = collect(path);
    if ('complaints' in read) {
      const template = templateIn(lines, (read.complaints[0]?.place.line ?? 1) - 1 - begin);
      const each = read.complaints.map(({ place, text }) => `cannot read --manifest ${findings.at(place)}: ${text}`);
      return { mistakes: template < 0 ? each : [templateLeft(path, begin + template)] };
    }
    const found = workloadIn(read.tree);
    if (found === null) continue;
    const workload = readPod(found.kind, found.tree, found.pod, findings);
    const mistakes = findings.mistakes();
    if (workload === null || mistakes.length > 0) return { mistakes };
    return { ok: { ...workload, remarks: [...workload.remarks, ...findings.warnings] } };
  }
  const template = templateIn(text.ok, 0);
  if (template >= 0) return { mistakes: [templateLeft(path, template)] };
  return about(`there is none of ${Object.keys(POD_OF).join(', ')} in it; is it a manifest of Kubernetes?`);
}

/** The line that has a template, `likely` if it has one; -1 where none has. In a text that can be read it is meant for somebody else. */
function templateIn(text: string, likely: number): number {
  const lines = text.split('\n');
  return lines[likely]?.includes('{{') ? likely : lines.findIndex((line) => line.includes('{{'));
}

const templateLeft = (path: string, line: number): string =>
  `cannot read --manifest ${path}:${line + 1}: there is templating left in it ({{ … }}); render it first: helm template . > manifest.yaml`;

/** The documents of a stream (YAML 1.2, 9.1.4), each with the lines before it. */
function documentsOf(text: string): readonly { readonly begin: number; readonly lines: string }[] {
  const lines = text.split('\n');
  const begins = [0, ...lines.flatMap((line, index) => (index > 0 && /^---(\s|$)/.test(line) ? [index] : []))];
  return begins.map((begin, index) => {
    const [first = '', ...rest] = lines.slice(begin, begins[index + 1]);
    return { begin, lines: `${[first.replace(/^---/, ''), ...rest].join('\n')}\n` };
  });
}

function workloadIn(tree: Tree): { readonly kind: string; readonly tree: Tree; readonly pod: Tree } | null {
  const kind = textAt(tree, ['kind']);
  if (kind === 'List') {
    const items = at(tree, ['items']);
    return items?.kind === 'list' ? (items.items.map(workloadIn).find((found) => found !== null) ?? null) : null;
  }
  const way = kind === null ? undefined : POD_OF[kind];
  const pod = way === undefined ? null : at(tree, way);
  return kind === null || pod === null ? null : { kind, tree, pod };
}

function readPod(kind: string, tree: Tree, pod: Tree, findings: Findings): Workload | null {
  const containers = at(pod, ['containers']);
  const [container, ...others] = containers?.kind === 'list' ? containers.items : [];
  if (container === undefined) {
    findings.wrong(pod.place, kind, 'its pod has no containers');
    return null;
  }
  const name = textAt(container, ['name']) ?? 'the container';
  const grace = entryAt(pod, 'terminationGracePeriodSeconds');
  const seconds = grace === undefined ? null : wholeIn(grace, grace.key, 0, MOST_SECONDS, findings);
  const ports = portsOf(container);
  const { environment: variables, remarks } = environmentOf(container);
  const words = { command: listAt(container, 'command'), args: listAt(container, 'args') };
  const place = (entryAt(container, 'command') ?? entryAt(container, 'args'))?.place ?? container.place;
  const { options, environment, remarks: elsewhere } = containerOptions({ ...words, place }, variables, findings);
  const probes = Object.fromEntries(
    Object.entries(PASTED).flatMap(([key, probe]) => {
      const stanza = entryAt(container, key);
      if (stanza === undefined) return [];
      const spec = readStanza(
        named(stanza.value, ports, findings),
        key,
        { oneSuccess: probe !== 'ready', inPod: true },
        findings,
      );
      return spec === null ? [] : [[probe, { spec, rule: ruleOf(spec) }]];
    }),
  );
  const rest = others.length === 0 ? [] : [`of the pod's containers only ${name} is played`];
  return {
    kind,
    name: textAt(tree, ['metadata', 'name']) ?? 'web',
    container: name,
    ports,
    probes,
    terminationGracePeriod: (seconds ?? GRACE_SECONDS) * 1_000,
    environment,
    options,
    preStop: hookOf(at(container, ['lifecycle', 'preStop']), ports, findings),
    remarks: [...rest, ...remarks, ...elsewhere],
  };
}

const MOST_SECONDS = 86_400;

function ruleOf({ timing }: ProbeSpec): WorkloadProbe['rule'] {
  return {
    initialDelay: timing?.initialDelay ?? 0,
    period: timing?.period ?? NUMBERS.periodSeconds.fallback * 1_000,
    timeout: timing?.timeout ?? NUMBERS.timeoutSeconds.fallback * 1_000,
    successThreshold: timing?.successThreshold ?? NUMBERS.successThreshold.fallback,
    failureThreshold: timing?.failureThreshold ?? NUMBERS.failureThreshold.fallback,
  };
}

function portsOf(container: Tree): ReadonlyMap<string, number> {
  const list = at(container, ['ports']);
  const ports = list?.kind === 'list' ? list.items : [];
  return new Map(
    ports.flatMap((each): (readonly [string, number])[] => {
      const port = Number(textAt(each, ['containerPort']));
      return Number.isInteger(port) && port > 0 ? [[textAt(each, ['name']) ?? String(port), port]] : [];
    }),
  );
}

function environmentOf(container: Tree): Pick<Workload, 'environment' | 'remarks'> {
  const list = at(container, ['env']);
  const environment: Record<string, string> = {};
  const missing: string[] = [];
  for (const each of list?.kind === 'list' ? list.items : []) {
    const name = textAt(each, ['name']);
    if (name === null) continue;
    const value = textAt(each, ['value']);
    // Of the variables before it.
    if (value !== null) environment[name] = expanded(value, environment);
    else if (entryAt(each, 'valueFrom') !== undefined) missing.push(name);
  }
  const from =
    entryAt(container, 'envFrom') === undefined ? [] : ['what envFrom brings is not known here: set it in this shell'];
  const remarks =
    missing.length === 0 ? [] : [`${missing.join(', ')} come from the cluster (valueFrom): set them in this shell`];
  return { environment, remarks: [...remarks, ...from] };
}

/** A port by its name becomes its number, which is what the reader of stanzas takes. */
function named(tree: Tree, ports: ReadonlyMap<string, number>, findings: Findings): Tree {
  if (tree.kind !== 'map') return tree;
  const entries = tree.entries.map((entry): Entry => {
    const { key, value } = entry;
    if (key !== 'port') return { ...entry, value: named(value, ports, findings) };
    if (value.kind !== 'scalar' || typeof value.value !== 'string' || !/[a-z]/i.test(value.value)) return entry;
    const number = ports.get(value.value);
    if (number === undefined)
      findings.wrong(value.place, `port ${JSON.stringify(value.value)}`, 'no port of the container has this name');
    return { ...entry, value: { kind: 'scalar', value: number ?? 1, place: value.place } };
  });
  return { ...tree, entries };
}

function hookOf(tree: Tree | null, ports: ReadonlyMap<string, number>, findings: Findings): Hook | null {
  if (tree === null) return null;
  const seconds = at(tree, ['sleep', 'seconds']);
  if (seconds?.kind === 'scalar') return { kind: 'sleep', milliseconds: Number(seconds.value) * 1_000 };
  const spec = readStanza(named(tree, ports, findings), 'preStop', { oneSuccess: false }, findings);
  if (spec?.kind === 'exec') return { kind: 'exec', command: spec.command };
  return spec === null ? null : { kind: 'http', spec };
}

function entryAt(tree: Tree, key: string): Entry | undefined {
  const entry = tree.kind === 'map' ? tree.entries.find((each) => each.key === key) : undefined;
  return entry?.value.kind === 'scalar' && entry.value.value === null ? undefined : entry;
}

function at(tree: Tree, way: readonly string[]): Tree | null {
  let found: Tree | undefined = tree;
  for (const key of way) found = found === undefined ? undefined : entryAt(found, key)?.value;
  return found ?? null;
}

/** The words of a list; what is no text is another reader's to complain of. */
function listAt(tree: Tree, key: string): readonly string[] {
  const list = entryAt(tree, key)?.value;
  return list?.kind === 'list' ? list.items.flatMap((item) => textAt(item, []) ?? []) : [];
}

function textAt(tree: Tree, way: readonly string[]): string | null {
  const found = at(tree, way);
  return found?.kind === 'scalar' && found.value !== null ? String(found.value) : null;
}
