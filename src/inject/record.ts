import {
  isJsonList,
  isJsonMap,
  isSame,
  type Json,
  type JsonMap,
  type JsonPath,
  listOf,
  mapsOf,
  valueAt,
  withValueAt,
  wordsIn,
} from './json.ts';
import { Refusal } from './refusal.ts';
import type { WrittenAlias } from './text/aliases.ts';
import { type Verbatim, valueIn } from './text/verbatim.ts';

/** What was put into a pod template, as far as it is needed to take it out again. Containers stand in paths by their names. */
export type InjectionRecord = {
  /** The version of k8s-run that has written it. */
  readonly version: string;
  /** Items of lists, by the name or the mount path of each, and keys of maps. */
  readonly added: Readonly<Record<string, readonly string[]>>;
  /** Fields that were not there. */
  readonly created: readonly string[];
  /** Fields that were there, as they were written. */
  readonly was: Readonly<Record<string, Verbatim>>;
  /** How many words were put in front of the command of each container. */
  readonly words: Readonly<Record<string, number>>;
  /** What fields were set to; null: they were taken out. */
  readonly wrote: Readonly<Record<string, Json>>;
  /** Aliases that were written out, because what has their anchor was changed. */
  readonly aliases?: readonly WrittenAlias[];
};

/** The annotation of the pod template that holds the record, as JSON. */
export const RECORD = 'k8s-run/injected';
/** The annotations of the pod template with the configuration file of a container begin so; its name follows. */
export const CONFIG_PREFIX = 'config.k8s-run/';

const LAUNCHER = /(^|\/)k8s-run$/;
const ANNOTATIONS = 'metadata/annotations';

/** `spec/containers/web/env` with the index of the container for its name; null: there is no such container. */
export function placeInTemplate(template: Json, path: string): JsonPath | null {
  const keys = path.split('/');
  const [spec, list, name, ...inner] = keys;
  if (spec !== 'spec' || list !== 'containers' || name === undefined) return keys;
  const index = listOf(valueAt(template, [spec, list])).findIndex((each) => valueAt(each, ['name']) === name);
  return index < 0 ? null : [spec, list, index, ...inner];
}

/** A record, and what of it does not hold any more. */
export type FoundRecord = InjectionRecord & {
  /** The fields that someone else has changed since, which are theirs. */
  readonly kept: readonly string[];
};

/** The record of a pod template; null: it has none. */
export function recordOf(template: Json): FoundRecord | null {
  const text = valueAt(template, ['metadata', 'annotations', RECORD]);
  if (text === undefined) return null;
  try {
    const record = JSON.parse(String(text));
    const { version, added, created, was, words, wrote } = record;
    if (typeof version === 'string' && [added, was, words, wrote].every(isJsonMap) && isJsonList(created))
      return withoutChanged(template, record);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    // Said below.
  }
  throw new Refusal(0, `its annotation ${RECORD} is damaged, so what was there cannot be told`);
}

/** A field that someone else has changed since is theirs: it stays as it is now. */
function withoutChanged(template: Json, record: InjectionRecord): FoundRecord {
  const changed = new Set<string>();
  for (const [path, value] of Object.entries(record.wrote)) {
    const place = placeInTemplate(template, path);
    if (place === null || isStill(value, valueAt(template, place) ?? null)) continue;
    const container = /^spec\/containers\/(.*)\/command$/.exec(path)?.[1];
    const words = wordsIn(valueAt(template, place)) ?? [];
    if (container !== undefined && LAUNCHER.test(words[0] ?? ''))
      throw new Refusal(0, `the command of ${container} was changed since`);
    changed.add(path);
  }
  return {
    ...record,
    created: record.created.filter((path) => !changed.has(path)),
    was: Object.fromEntries(Object.entries(record.was).filter(([path]) => !changed.has(path))),
    kept: [...changed],
  };
}

/** Whether what is there is what was written, with defaults of the cluster. A probe is the same as long as it asks k8s-run. */
function isStill(wrote: Json, held: Json): boolean {
  if (isJsonMap(wrote) && isJsonMap(held)) {
    const keys = 'httpGet' in wrote ? ['httpGet'] : Object.keys(wrote);
    return keys.every((key) => isStill(wrote[key] ?? null, held[key] ?? null));
  }
  return isSame(wrote, held);
}

/** The template as it was before, with the fields that are put back as they were written. */
export function withoutInjection(
  template: Json,
  record: InjectionRecord,
): { readonly template: Json; readonly was: InjectionRecord['was'] } {
  let plain = template;
  const set = (path: JsonPath, value: Json | undefined): void => {
    plain = withValueAt(plain, path, value);
  };
  const created = new Set(record.created);
  for (const [path, names] of Object.entries(record.added)) {
    const place = placeInTemplate(plain, path);
    const held = place === null ? undefined : valueAt(plain, place);
    if (place === null || held === undefined) continue;
    const rest = isJsonList(held) ? held.filter((item) => !names.includes(identityOf(item))) : withoutKeys(held, names);
    const isEmpty = isJsonList(rest) ? rest.length === 0 : isJsonMap(rest) && Object.keys(rest).length === 0;
    set(place, isEmpty && created.has(path) ? undefined : rest);
  }
  for (const [name, count] of Object.entries(record.words)) {
    const place = placeInTemplate(plain, `spec/containers/${name}/command`);
    const words = place === null ? null : wordsIn(valueAt(plain, place));
    if (place === null || words === null) continue;
    if (!LAUNCHER.test(words[0] ?? '')) throw new Refusal(0, `the command of ${name} was changed since`);
    set(place, words.slice(count));
  }
  for (const path of record.created) {
    const place = placeInTemplate(plain, path);
    if (place === null || path in record.added) continue;
    const held = valueAt(plain, place);
    // A map that was made for what was added stays when it has got something else.
    if (path !== 'metadata' || (isJsonMap(held) && Object.keys(held).length === 0)) set(place, undefined);
  }
  for (const [path, verbatim] of Object.entries(record.was)) {
    const place = placeInTemplate(plain, path);
    const key = place?.at(-1);
    if (place === null || key === undefined) continue;
    set(place, verbatim.value ?? valueIn(verbatim, String(key)) ?? null);
  }
  return { template: plain, was: record.was };
}

function identityOf(item: Json): string {
  return String(valueAt(item, ['mountPath']) ?? valueAt(item, ['name']) ?? '');
}

function withoutKeys(map: Json, keys: readonly string[]): Json {
  if (!isJsonMap(map)) return map;
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)));
}

/** Writes into a template, and keeps the record of it. */
export type Writer = {
  readonly template: () => Json;
  /** Puts items into a list, in front or at the end. */
  readonly add: (path: string, items: readonly JsonMap[], where: 'front' | 'end') => void;
  /** Gives a field a value; undefined takes it out. */
  readonly set: (path: string, value: Json | undefined) => void;
  readonly annotate: (key: string, value: string) => void;
  /** Puts words in front of the command of a container. */
  readonly prepend: (container: string, words: readonly string[]) => void;
  /** Adds the record itself. */
  readonly finish: (version: string, aliases: readonly WrittenAlias[]) => void;
};

/** `verbatim`: a field as it is written now, to be exchanged or to be taken out. */
export function createWriter(plain: Json, verbatim: (path: string, use: 'exchange' | 'take out') => Verbatim): Writer {
  let template = plain;
  const added: Record<string, readonly string[]> = {};
  const created: string[] = [];
  const was: Record<string, Verbatim> = {};
  const words: Record<string, number> = {};
  const wrote: Record<string, Json> = {};
  const place = (path: string): JsonPath => placeInTemplate(template, path) ?? path.split('/');
  const put = (path: string, value: Json | undefined): void => {
    template = withValueAt(template, place(path), value);
  };
  const isThere = (path: string): boolean => valueAt(template, place(path)) !== undefined;
  const add: Writer['add'] = (path, items, where) => {
    if (items.length === 0) return;
    const held = valueAt(template, place(path));
    if (held === undefined) created.push(path);
    else if (held === null) was[path] = verbatim(path, 'exchange');
    if (held !== null) added[path] = [...(added[path] ?? []), ...items.map(identityOf)];
    put(path, where === 'front' ? [...items, ...listOf(held)] : [...listOf(held), ...items]);
  };
  const annotate: Writer['annotate'] = (key, value) => {
    const parents = ['metadata', ANNOTATIONS];
    for (const path of parents) {
      if (isThere(path) && valueAt(template, place(path)) === null) was[path] ??= verbatim(path, 'exchange');
      else if (!isThere(path)) created.push(path);
      if (!isJsonMap(valueAt(template, place(path)) ?? null)) put(path, {});
    }
    added[ANNOTATIONS] = [...(added[ANNOTATIONS] ?? []), key];
    template = withValueAt(template, ['metadata', 'annotations', key], value);
  };
  return {
    template: () => template,
    add,
    annotate,
    set(path, value) {
      if (isSame(valueAt(template, place(path)), value)) return;
      if (isThere(path)) was[path] ??= verbatim(path, value === undefined ? 'take out' : 'exchange');
      else created.push(path);
      wrote[path] = value ?? null;
      // What a merge key has is not taken out beside it, but overridden by null, which is as good as nothing to Kubernetes.
      put(path, value ?? (was[path]?.text === '' ? null : undefined));
    },
    prepend(container, more) {
      const path = `spec/containers/${container}/command`;
      words[container] = more.length;
      put(path, [...more, ...listOf(valueAt(template, place(path)))]);
    },
    finish(version, aliases) {
      annotate(RECORD, '');
      const record: InjectionRecord = { version, added, created: [...new Set(created)], was, words, wrote };
      const whole = aliases.length === 0 ? record : { ...record, aliases };
      template = withValueAt(template, ['metadata', 'annotations', RECORD], JSON.stringify(whole));
    },
  };
}

/** A template that has a record, with more aliases in it. */
export function withAliasesRecorded(template: Json, aliases: readonly WrittenAlias[]): Json {
  const path = ['metadata', 'annotations', RECORD];
  const record: InjectionRecord = JSON.parse(String(valueAt(template, path)));
  const more = { ...record, aliases: [...(record.aliases ?? []), ...aliases] };
  return withValueAt(template, path, JSON.stringify(more));
}

/** The maps of a list of a template, such as its containers. */
export function mapsAt(template: Json, path: JsonPath): readonly JsonMap[] {
  return mapsOf(valueAt(template, path));
}
