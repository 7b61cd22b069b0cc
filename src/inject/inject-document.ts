import { apiGroupOf } from '../check/api-group.ts';
import { field, isMap, type ManifestNode, parseOrNull, rootOf } from '../check/manifest-node.ts';
import { podSpecOf } from '../check/pod-templates.ts';
import { type DocumentText, isEmpty, positionIn } from '../check/split-documents.ts';
import { unrenderedTemplate } from '../check/unrendered-template.ts';
import { dataOf } from './data-of.ts';
import { isSame, type Json, type JsonPath, mapsOf, valueAt, withValueAt } from './json.ts';
import { injectTemplate } from './pod/inject-template.ts';
import { createWriter, placeInTemplate, recordOf, withAliasesRecorded, withoutInjection } from './record.ts';
import { Refusal } from './refusal.ts';
import type { Selection } from './select.ts';
import type { InjectSettings, Remark } from './settings.ts';
import { objectsIn, withFinalNewline } from './text/apply.ts';
import { removedOf, verbatimOf } from './text/reconcile.ts';
import { type Verbatim, valueIn } from './text/verbatim.ts';
import { keyOf as key, type ObjectChange, writeObjects } from './write-objects.ts';

/** A sentence about an object, with its place in the file. */
export type InjectMessage = { readonly line: number; readonly object: string; readonly text: string };

export type DocumentOutcome = {
  /** The document as it is printed. */
  readonly text: string;
  readonly notes: readonly InjectMessage[];
  readonly problems: readonly InjectMessage[];
  /** Containers that have k8s-run in front now, or pods from which it was taken out. */
  readonly changed: number;
  /** The names of all containers that were looked at. */
  readonly containers: readonly string[];
};

/** What is done to each object: null takes k8s-run out. */
export type Task = {
  readonly settings: InjectSettings | null;
  readonly isChosen: Selection;
  /** The ports that pods of the host's network have. */
  readonly nodePorts: Set<number>;
  readonly version: string;
};

/** Changes one document of a stream, or leaves it character by character as it is. */
export function injectDocument(document: DocumentText, task: Task): DocumentOutcome {
  const nothing: DocumentOutcome = { text: document.text, notes: [], problems: [], changed: 0, containers: [] };
  if (isEmpty(document.text)) return nothing;
  const whole = withFinalNewline(document.text);
  const failed = (offset: number, text: string, object = ''): DocumentOutcome => ({
    ...nothing,
    problems: [{ ...positionOf(document, offset), object, text }],
  });
  const parsed = parseOrNull(whole.text);
  if (parsed === null) return failed(0, 'is nested too deeply to be parsed');
  const template = unrenderedTemplate(whole.text, parsed);
  if (template !== null)
    return failed(template.offset, 'has a template that is not rendered: helm template . | k8s-run inject -');
  const [error] = parsed.errors;
  if (error !== undefined)
    return failed(error.pos[0], `is not valid YAML: ${error.message.replace(/\s+/g, ' ').trim()}`);
  const objects = objectsIn(rootOf(parsed));
  const plans = objects.map((object): ObjectPlan => planFor(document, whole.text, object, task));
  const problems = plans.flatMap((plan) => plan.problems);
  const outcome = {
    ...nothing,
    notes: plans.flatMap((plan) => plan.notes),
    problems,
    changed: plans.reduce((sum, plan) => sum + plan.changed, 0),
    containers: plans.flatMap((plan) => plan.containers),
  };
  if (problems.length > 0 || plans.every(({ wanted }) => wanted === null)) return outcome;
  try {
    return { ...outcome, text: whole.restore(writeObjects(whole.text, objects, plans)) };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return failed(refusal.offset, refusal.message);
  }
}

type ObjectPlan = ObjectChange & Pick<DocumentOutcome, 'notes' | 'problems' | 'changed' | 'containers'>;

const UNCHANGED: ObjectPlan = {
  wanted: null,
  podPath: [],
  verbatim: new Map(),
  whole: new Set(),
  aliases: [],
  recordAliases: (wanted) => wanted,
  notes: [],
  problems: [],
  changed: 0,
  containers: [],
};

function planFor(document: DocumentText, text: string, object: ManifestNode, task: Task): ObjectPlan {
  const pod = podSpecOf(object);
  if (pod === null || !isMap(pod.value)) return UNCHANGED;
  const position = positionOf(document, object.offset);
  let name = '';
  const message = ({ container, text: sentence }: { container: string | null; text: string }): InjectMessage => ({
    ...position,
    object: container === null ? name : `${name}, container ${container}`,
    text: sentence,
  });
  try {
    const data = dataOf(object);
    name = `${valueAt(data, ['kind'])} ${valueAt(data, ['metadata', 'name']) ?? valueAt(data, ['metadata', 'generateName']) ?? '(no name)'}`;
    if (!task.isChosen(data)) return UNCHANGED;
    const podPath = pod.path.slice(object.path.length);
    const templatePath = podPath.slice(0, -1);
    const template = valueAt(data, templatePath) ?? null;
    const owned = ownerNote(data);
    if (owned !== null)
      return {
        ...UNCHANGED,
        containers: namesOf(template),
        notes: [message({ container: null, text: owned })],
      };
    const fixed = fixedTemplateNote(data).map(message);
    const record = recordOf(template);
    const plain = record === null ? template : withoutInjection(template, record).template;
    const containers = namesOf(plain);
    if (containers.includes('')) throw new Refusal(pod.offset, 'has a container without a name');
    if (new Set(containers).size < containers.length) throw new Refusal(pod.offset, 'has two containers with one name');
    const at = (path: string): JsonPath => [
      ...object.path,
      ...templatePath,
      ...(placeInTemplate(template, path) ?? []),
    ];
    if (task.settings === null) {
      if (record === null) return { ...UNCHANGED, containers };
      const kept = record.kept.map(
        (path): Remark => ({
          container: null,
          text: `keeps ${fieldName(path)} as it is now, because it was changed after k8s-run was injected`,
        }),
      );
      const was = new Map(Object.entries(record.was).map(([path, each]) => [key([...at(path)]), each] as const));
      return {
        ...UNCHANGED,
        wanted: withValueAt(data, templatePath, plain),
        podPath,
        verbatim: was,
        whole: new Set(was.keys()),
        aliases: record.aliases ?? [],
        notes: [...kept.map(message), ...fixed],
        changed: 1,
        containers,
      };
    }
    if (apiGroupOf(object) === KNATIVE)
      return { ...UNCHANGED, containers, notes: [message({ container: null, text: OF_KNATIVE })] };
    const whole = new Set<string>();
    const writer = createWriter(plain, (path, use) => {
      whole.add(key(at(path)));
      return (
        record?.was[path] ??
        verbatimAt(text, object, { path: at(path), use, value: valueAt(plain, placeInTemplate(plain, path) ?? []) })
      );
    });
    const result = injectTemplate(writer, task.settings, task.nodePorts, data);
    const outcome = {
      ...UNCHANGED,
      notes: result.notes.map(message),
      problems: result.problems.map(message),
      containers,
    };
    if (result.injected === 0 && record === null) return outcome;
    if (result.injected > 0) writer.finish(task.version, record?.aliases ?? []);
    const restored = new Map(Object.entries(record?.was ?? {}).map(([path, each]) => [key(at(path)), each] as const));
    const wanted = withValueAt(data, templatePath, writer.template());
    // A second time gives the same, so a field that is put back now is one that is no longer taken over.
    for (const path of restored.keys()) if (whole.has(path)) restored.delete(path);
    for (const path of Object.keys(record?.was ?? {})) whole.add(key(at(path)));
    return {
      ...outcome,
      wanted: isSame(wanted, data) ? null : wanted,
      podPath,
      verbatim: restored,
      whole,
      recordAliases: (value, aliases) =>
        result.injected === 0
          ? value
          : withValueAt(value, templatePath, withAliasesRecorded(valueAt(value, templatePath) ?? null, aliases)),
      changed: result.injected,
      notes: [...outcome.notes, ...fixed],
    };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    const { line } = positionOf(document, refusal.offset === 0 ? object.offset : refusal.offset);
    return { ...UNCHANGED, problems: [{ line, object: name, text: refusal.message }] };
  }
}

/** Why an object that another one makes is left alone, as in what `kubectl get all -o yaml` prints; null: it stands for itself. */
function ownerNote(data: Json): string | null {
  const owner = mapsOf(valueAt(data, ['metadata', 'ownerReferences'])).find(({ controller }) => controller === true);
  return owner === undefined
    ? null
    : `is made by ${owner['kind']} ${owner['name']}, which would not keep the change, so it is left alone`;
}

/** Of an object that was read from the cluster, and cannot be written back. */
function fixedTemplateNote(data: Json): readonly Remark[] {
  const kind = valueAt(data, ['kind']);
  if ((kind !== 'Pod' && kind !== 'Job') || valueAt(data, ['metadata', 'uid']) === undefined) return [];
  const text = `is in the cluster already, where the containers of a ${kind} cannot be changed: kubectl replace --force ends it and makes it again`;
  return [{ container: null, text }];
}

const KNATIVE = 'serving.knative.dev';
const OF_KNATIVE =
  'is of Knative, which allows no init containers unless its administrator does, and no other grace period or port for probes, so it is left alone: put k8s-run into the image instead';

/** `readinessProbe of container web` for spec/containers/web/readinessProbe. */
function fieldName(path: string): string {
  const [, container, field] = /^spec\/containers\/([^/]+)\/(.+)$/.exec(path) ?? [];
  const words = (field ?? path.replace(/^spec\//, '')).replaceAll('/', '.');
  return container === undefined ? words : `${words} of container ${container}`;
}

function namesOf(template: Json): readonly string[] {
  const containers = valueAt(template, ['spec', 'containers']);
  return (Array.isArray(containers) ? containers : []).map((each) => String(valueAt(each, ['name']) ?? ''));
}

function verbatimAt(
  text: string,
  object: ManifestNode,
  {
    path,
    use,
    value,
  }: { readonly path: JsonPath; readonly use: 'exchange' | 'take out'; readonly value: Json | undefined },
): Verbatim {
  const inside = path.slice(object.path.length);
  const parent = field(object, ...inside.slice(0, -1));
  const name = String(inside.at(-1));
  const found = (use === 'exchange' ? verbatimOf : removedOf)(text, parent.value, name);
  // A merge key has it, which a field beside it overrides.
  if (found === null) return { text: '', column: 0, value: value ?? null };
  // Of a field in an alias, the text alone would not tell the value.
  return value === undefined || isSame(valueIn(found, name) ?? null, value) ? found : { ...found, value };
}

function positionOf(document: DocumentText, offset: number): { readonly line: number } {
  return { line: positionIn(document, Math.min(offset, document.text.length)).line };
}
