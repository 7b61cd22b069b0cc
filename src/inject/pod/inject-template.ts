import { KUBELET_ONLY } from '../../config/file/kubernetes-probe.ts';
import { OPTIONS, type OptionKey, variableFor } from '../../config/options/table.ts';
import { escapeVariables } from '../../config/pod-manifest/expand.ts';
import { type Json, type JsonMap, mapsOf, valueAt } from '../json.ts';
import { CONFIG_PREFIX, mapsAt, type Writer } from '../record.ts';
import type { InjectSettings, Remark } from '../settings.ts';
import { budgetFor } from './budget.ts';
import { isForWindows, leftAlone, maybeForWindows, portsIn } from './choose.ts';
import { appCommandOf, healthPortIn } from './command.ts';
import { CONFIG_PLACE, type FolderParts, folderParts, freeName, storageNote } from './folder.ts';
import { sharedPortNote } from './host-network.ts';
import { mountInWay } from './mounts.ts';
import { takeProbes } from './probes.ts';
import { takeStop } from './stop.ts';

export type TemplateResult = {
  readonly notes: readonly Remark[];
  /** Why it is not injected. */
  readonly problems: readonly Remark[];
  /** How many containers were injected. */
  readonly injected: number;
};

/** In seconds: pkg/apis/core/v1/defaults.go. */
const DEFAULT_GRACE_PERIOD = 30;
const DEFAULT_PORT = Number(OPTIONS.healthPort.fallback);
const GRACE_PERIOD = 'spec/terminationGracePeriodSeconds';

/** A container with k8s-run in front, before the pod's grace period is known. */
type Prepared = {
  readonly name: string;
  readonly variables: Map<string, string>;
  readonly keepsPreStop: boolean;
  readonly file: JsonMap | null;
  /** Of its health server. */
  readonly port: number;
};

/**
 * Puts k8s-run in front of the containers of a pod template. `nodePorts`: ports that other pods of the host's network have; its
 * own are added. `workload`: the object that has the template.
 */
export function injectTemplate(
  writer: Writer,
  settings: InjectSettings,
  nodePorts: Set<number>,
  workload: Json,
): TemplateResult {
  const plain = writer.template();
  const notes: Remark[] = [];
  const problems: Remark[] = [];
  if (isForWindows(plain))
    return { problems, injected: 0, notes: [{ container: null, text: 'is for Windows, so it is left alone' }] };
  const parts = folderParts(plain, settings);
  const onHost = valueAt(plain, ['spec', 'hostNetwork']) === true;
  const taken = onHost ? nodePorts : new Set<number>();
  for (const port of portsIn(plain)) taken.add(port);
  const prepared: Prepared[] = [];
  for (const container of mapsAt(plain, ['spec', 'containers'])) {
    const name = String(container['name'] ?? '');
    if (settings.containers?.has(name) === false) {
      const command = appCommandOf(container, settings);
      if (command.kind === 'left alone') taken.add(healthPortIn(container));
      continue;
    }
    const ready = prepare(writer, container, { settings, parts, taken, onHost });
    if ('left' in ready) notes.push({ container: name, text: ready.left });
    else if ('problem' in ready) problems.push({ container: name, text: ready.problem });
    else {
      prepared.push(ready);
      notes.push(...ready.notes.map((text) => ({ container: name, text })));
    }
  }
  if (problems.length > 0 || prepared.length === 0) return { notes, problems, injected: 0 };
  const grace = graceOf(plain, prepared, settings);
  if ('problems' in grace) return { notes, problems: grace.problems, injected: 0 };
  notes.push(...grace.notes);
  if (grace.seconds !== (valueAt(plain, ['spec', 'terminationGracePeriodSeconds']) ?? DEFAULT_GRACE_PERIOD))
    writer.set(GRACE_PERIOD, grace.seconds);
  notes.push(...storageNote(plain, settings));
  const [first] = prepared;
  if (first !== undefined) notes.push(...sharedPortNote(workload, plain, first.port));
  const windows = maybeForWindows(plain);
  if (windows !== null) notes.push({ container: null, text: windows });
  finishContainers(writer, prepared, parts);
  return { notes, problems, injected: prepared.length };
}

type PodFacts = {
  readonly settings: InjectSettings;
  readonly parts: FolderParts;
  readonly taken: Set<number>;
  readonly onHost: boolean;
};

function prepare(
  writer: Writer,
  container: JsonMap,
  { settings, parts, taken, onHost }: PodFacts,
): (Prepared & { readonly notes: readonly string[] }) | { readonly left: string } | { readonly problem: string } {
  const name = String(container['name'] ?? '');
  const left = leftAlone(container, settings);
  if (left !== null) return { left };
  const command = appCommandOf(container, settings);
  if (command.kind === 'left alone') {
    taken.add(healthPortIn(container));
    return { left: command.text };
  }
  if (command.kind === 'unknown') return { problem: command.text };
  const path = `spec/containers/${name}`;
  const notes: string[] = [];
  const port = portFor(settings, taken);
  if (port.moved && onHost)
    notes.push(`gets port ${port.number} for its health, because another one of the host's network has ${port.wanted}`);
  const probes = takeProbes(container, port.number);
  const stop = takeStop(container, command.words, settings);
  const places = [parts.mountPath, ...(probes.file === null ? [] : [CONFIG_PLACE])];
  const inWay = mountInWay(container, mapsAt(writer.template(), ['spec', 'volumes']), places);
  if (inWay !== null) return { problem: inWay };
  notes.push(...stop.notes, ...probes.kept);
  if (onHost && container['readinessProbe'] === undefined && !settings.variables.has(variableOf('ready')))
    notes.push("is on the host's network, where k8s-run cannot tell its ports from others: give it a readinessProbe");
  if (probes.file !== null && settings.variables.has(variableOf('config')))
    return { problem: 'has probes that need a configuration file of their own, so --option config=… cannot be given' };
  const variables = new Map<string, string>();
  if (port.number !== DEFAULT_PORT) variables.set(variableOf('healthPort'), String(port.number));
  if (probes.file !== null) variables.set(variableOf('config'), `${CONFIG_PLACE}/${name}.json`);
  for (const [key, value] of [...probes.options, ...stop.options]) variables.set(variableOf(key as OptionKey), value);
  // The app had the whole time of the pod beside the hook, and k8s-run cannot tell how much the hook leaves.
  if (stop.keepsPreStop && !settings.variables.has(variableOf('terminationGracePeriod')))
    variables.set(variableOf('grace'), `${gracePeriodIn(writer.template())}s`);
  for (const [variable, value] of settings.variables)
    if (variable !== variableOf('healthPort')) variables.set(variable, value);
  // What the manifest sets stays.
  for (const { name: own } of mapsOf(container['env'])) variables.delete(String(own));
  if (command.kind === 'in manifest') writer.prepend(name, [parts.launcher, '--']);
  else writer.set(`${path}/command`, [parts.launcher, '--', ...command.command.map(escapeVariables)]);
  const budget = budgetFor(Object.fromEntries(variables));
  for (const [key, probe] of Object.entries(probes.kubelet)) {
    const own = probe[KUBELET_ONLY];
    const isShort = typeof own === 'number' && 'added' in budget;
    writer.set(`${path}/${key}`, isShort ? { ...probe, [KUBELET_ONLY]: own + budget.added } : probe);
    if (isShort)
      notes.push(`has ${own + budget.added} s in place of ${own} when its ${key} ends it, which its shutdown needs`);
  }
  if (stop.removed !== null) writer.set(`${path}/${stop.removed}`, undefined);
  return { name, variables, keepsPreStop: stop.keepsPreStop, file: probes.file, port: port.number, notes };
}

function variableOf(key: OptionKey): string {
  return variableFor(OPTIONS[key]);
}

/** The first port from the wanted one on that no other container of the pod has. */
function portFor(
  { variables }: InjectSettings,
  taken: Set<number>,
): { readonly number: number; readonly wanted: number; readonly moved: boolean } {
  const wanted = Number(variables.get(variableOf('healthPort')) ?? DEFAULT_PORT);
  let number = wanted;
  while (taken.has(number)) number += 1;
  taken.add(number);
  return { number, wanted, moved: number !== wanted };
}

/** In seconds. */
function gracePeriodIn(template: Json): number {
  const held = valueAt(template, ['spec', 'terminationGracePeriodSeconds']);
  return typeof held === 'number' ? held : DEFAULT_GRACE_PERIOD;
}

/** The pod's grace period, which is raised where a container needs more, and told to k8s-run where no hook takes of it. */
function graceOf(
  plain: Json,
  prepared: readonly Prepared[],
  { variables: given }: InjectSettings,
): { readonly seconds: number; readonly notes: readonly Remark[] } | { readonly problems: readonly Remark[] } {
  const variable = variableOf('terminationGracePeriod');
  const before = gracePeriodIn(plain);
  const notes: Remark[] = [];
  const problems: Remark[] = [];
  // Whoever gives it knows it better than the manifest.
  let seconds = given.has(variable) ? 0 : before;
  for (const { name, variables, keepsPreStop } of prepared) {
    const budget = budgetFor(Object.fromEntries(variables));
    if ('mistakes' in budget) {
      problems.push(...budget.mistakes.map((text) => ({ container: name, text: `would not start: ${text}` })));
      continue;
    }
    const needed = keepsPreStop ? Math.max(budget.needed, before + budget.added) : budget.needed;
    seconds = Math.max(seconds, given.has(variable) ? budget.needed : needed);
  }
  if (problems.length > 0) return { problems };
  if (seconds !== before)
    notes.push({
      container: null,
      text: `gets terminationGracePeriodSeconds: ${seconds} in place of ${before}, which its shutdown needs`,
    });
  for (const { variables, keepsPreStop } of prepared)
    if (!keepsPreStop && !variables.has(variable)) variables.set(variable, `${seconds}s`);
  return { seconds, notes };
}

function finishContainers(writer: Writer, prepared: readonly Prepared[], parts: FolderParts): void {
  const withFile = prepared.filter(({ file }) => file !== null);
  const configVolume = freeName('k8s-run-config', mapsAt(writer.template(), ['spec', 'volumes']));
  for (const { name, variables, file } of prepared) {
    const path = `spec/containers/${name}`;
    const env = [...variables].map(([variable, value]) => ({ name: variable, value: escapeVariables(value) }));
    const mounts = file === null ? [] : [{ name: configVolume, mountPath: CONFIG_PLACE, readOnly: true }];
    writer.add(`${path}/env`, env, 'end');
    writer.add(`${path}/volumeMounts`, [parts.mount, ...mounts], 'end');
    if (file !== null) writer.annotate(CONFIG_PREFIX + name, JSON.stringify(file));
  }
  const items = withFile.map(({ name }) => ({
    path: `${name}.json`,
    fieldRef: { fieldPath: `metadata.annotations['${CONFIG_PREFIX}${name}']` },
  }));
  const config = items.length === 0 ? [] : [{ name: configVolume, downwardAPI: { items } }];
  writer.add('spec/volumes', [parts.volume, ...config], 'end');
  writer.add('spec/initContainers', parts.initContainers, 'front');
}
