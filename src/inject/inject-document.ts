import type { TextEdit } from '../check/fix/source-text.ts';
import { field, isMap, type ManifestNode, parseOrNull, rootOf } from '../check/manifest-node.ts';
import { podSpecOf } from '../check/pod-templates.ts';
import { type DocumentText, isEmpty, positionIn } from '../check/split-documents.ts';
import { unrenderedTemplate } from '../check/unrendered-template.ts';
import { dataOf } from './data-of.ts';
import { isSame, type Json, type JsonPath, valueAt, withValueAt } from './json.ts';
import { injectTemplate } from './pod/inject-template.ts';
import { createWriter, placeInTemplate, recordOf, withoutInjection } from './record.ts';
import { Refusal } from './refusal.ts';
import type { Selection } from './select.ts';
import type { InjectSettings } from './settings.ts';
import { hasObjects, objectsIn, withEdits, withFinalNewline } from './text/apply.ts';
import { reconcile, removedOf, type TextContext, verbatimOf } from './text/reconcile.ts';
import type { Style } from './text/render.ts';
import { type Verbatim, valueIn } from './text/verbatim.ts';

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
    return { ...outcome, text: whole.restore(write(whole.text, objects, plans)) };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return failed(refusal.offset, refusal.message);
  }
}

type ObjectPlan = {
  /** null: it stays as it is. */
  readonly wanted: Json | null;
  readonly podPath: JsonPath;
  /** Fields that are written as they were, by their paths in the object. */
  readonly verbatim: ReadonlyMap<string, Verbatim>;
  readonly whole: ReadonlySet<string>;
} & Pick<DocumentOutcome, 'notes' | 'problems' | 'changed' | 'containers'>;

const UNCHANGED: ObjectPlan = {
  wanted: null,
  podPath: [],
  verbatim: new Map(),
  whole: new Set(),
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
      const was = new Map(Object.entries(record.was).map(([path, each]) => [key([...at(path)]), each] as const));
      return {
        ...UNCHANGED,
        wanted: withValueAt(data, templatePath, plain),
        podPath,
        verbatim: was,
        whole: new Set(was.keys()),
        changed: 1,
        containers,
      };
    }
    const whole = new Set<string>();
    const writer = createWriter(plain, (path, use) => {
      whole.add(key(at(path)));
      return (
        record?.was[path] ??
        verbatimAt(text, object, { path: at(path), use, value: valueAt(plain, placeInTemplate(plain, path) ?? []) })
      );
    });
    const result = injectTemplate(writer, task.settings, task.nodePorts);
    const outcome = {
      ...UNCHANGED,
      notes: result.notes.map(message),
      problems: result.problems.map(message),
      containers,
    };
    if (result.injected === 0 && record === null) return outcome;
    if (result.injected > 0) writer.finish(task.version);
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
      changed: result.injected,
    };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    const { line } = positionOf(document, refusal.offset === 0 ? object.offset : refusal.offset);
    return { ...UNCHANGED, problems: [{ line, object: name, text: refusal.message }] };
  }
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
  if (found === null) throw new Refusal(parent.offset, `its ${name} comes from a merge key; write it out first`);
  // Of a field in an alias, the text alone would not tell the value.
  return value === undefined || isSame(valueIn(found, name) ?? null, value) ? found : { ...found, value };
}

function write(text: string, objects: readonly ManifestNode[], plans: readonly ObjectPlan[]): string {
  const wanted = objects.map((object, index) => plans[index]?.wanted ?? dataOf(object));
  const attempt = (useVerbatim: boolean): string => {
    const edits: TextEdit[] = objects.flatMap((object, index) => {
      const plan = plans[index];
      if (plan === undefined || plan.wanted === null) return [];
      const context: TextContext = {
        text,
        style: styleOf(text, object, plan.podPath),
        verbatim: (path) => (useVerbatim ? plan.verbatim.get(key(path)) : undefined),
        isWhole: (path) => plan.whole.has(key(path)),
      };
      return reconcile(object, plan.wanted, context);
    });
    return withEdits(text, edits);
  };
  for (const useVerbatim of [true, false]) {
    const changed = attempt(useVerbatim);
    if (hasObjects(changed, wanted)) return changed;
  }
  throw new Refusal(
    objects[0]?.offset ?? 0,
    'cannot be changed without changing something else; write it plainly, without anchors and tags',
  );
}

/** How the lists and maps of a pod are indented. */
function styleOf(text: string, object: ManifestNode, podPath: JsonPath): Style {
  const comments = { image: 'image volumes: stable since Kubernetes 1.36' };
  const pod = field(object, ...podPath);
  const columnOf = (offset: number): number => offset - (text.lastIndexOf('\n', offset - 1) + 1);
  const containers = field(pod, 'containers');
  const first = field(containers, 0);
  const dash =
    first.value === null ? null : columnOf(text.lastIndexOf('-', first.offset)) - columnOf(containers.offset);
  const step = columnOf(containers.offset) - columnOf(pod.offset);
  const isStep = (size: number | null): size is number => size !== null && size >= 0 && size <= 8;
  return { step: isStep(step) && step > 0 ? step : 2, dash: isStep(dash) ? dash : 2, comments };
}

function key(path: JsonPath): string {
  return JSON.stringify(path);
}

function positionOf(document: DocumentText, offset: number): { readonly line: number } {
  return { line: positionIn(document, Math.min(offset, document.text.length)).line };
}
