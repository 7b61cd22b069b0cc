import type { GeneratedMap, UnreadSource } from './checked-set.ts';
import { field, isSet, itemsOf, type ManifestNode, parseOrNull, rootOf, textOf } from './manifest-node.ts';

/** The text of a file that a generator names, relative to its kustomization.yaml; null for one that holds no text of a variable. */
export type ReadSource = (path: string) => { readonly text: string | null } | { readonly problem: string };

export type Generated = { readonly maps: readonly GeneratedMap[]; readonly unread: readonly UnreadSource[] };

/**
 * The ConfigMaps and Secrets that kustomize makes, by the names that manifests use for them: it appends the hash itself. One with
 * `behavior: merge` or `replace` changes a ConfigMap of a base, whose manifests have it as the base says.
 */
export function generatedBy(file: string, text: string, read: ReadSource): Generated {
  const document = parseOrNull(text);
  if (document === null || document.errors.length > 0) return { maps: [], unread: [] };
  const root = rootOf(document);
  const unread: UnreadSource[] = [];
  const maps = GENERATORS.flatMap(([list, kind]) =>
    itemsOf(field(root, list)).flatMap((generator): readonly GeneratedMap[] => {
      const name = textOf(field(generator, 'name'));
      const behavior = textOf(field(generator, 'behavior')) ?? 'create';
      if (name === null || behavior !== 'create') return [];
      const own: UnreadSource[] = [];
      const data = dataOf(generator, read, (node, problem) =>
        own.push({ file, namespace: null, offset: node.offset, what: `${kind} ${name}`, problem }),
      );
      unread.push(...own);
      const namespace = textOf(field(generator, 'namespace'));
      return [{ file, namespace, kind, name, data, isComplete: own.length === 0 }];
    }),
  );
  return { maps, unread };
}

const GENERATORS = [
  ['configMapGenerator', 'ConfigMap'],
  ['secretGenerator', 'Secret'],
] as const;

type Miss = (node: ManifestNode, problem: string) => void;

/** As kustomize reads them: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/configmapgenerator/ and api/kv/kv.go. */
function dataOf(generator: ManifestNode, read: ReadSource, miss: Miss): Readonly<Record<string, string>> {
  const [literals, files, envs] = ['literals', 'files', 'envs'].map((list) => itemsOf(field(generator, list)));
  // The name of envs in old versions, which took one file.
  const env = field(generator, 'env');
  return Object.fromEntries([
    ...(files ?? []).flatMap((node) => entryOfFile(node, read, miss)),
    ...[...(envs ?? []), ...(isSet(env) ? [env] : [])].flatMap((node) => entriesOfEnv(node, read, miss)),
    ...(literals ?? []).flatMap((node) => entryOf(textOf(node) ?? '', withoutQuotes)),
  ]);
}

type KeyValue = readonly [key: string, value: string];

function entryOf(line: string, valueFrom: (text: string) => string): readonly KeyValue[] {
  const at = line.indexOf('=');
  return at > 0 ? [[line.slice(0, at), valueFrom(line.slice(at + 1))]] : [];
}

function withoutQuotes(text: string): string {
  return /^(["']).*\1$/s.test(text) && text.length > 1 ? text.slice(1, -1) : text;
}

/** `path`, whose key is the name of the file, or `key=path`. */
function entryOfFile(node: ManifestNode, read: ReadSource, miss: Miss): readonly KeyValue[] {
  const source = textOf(node) ?? '';
  const [key = '', path = key] = source.split('=');
  const content = read(path);
  if ('problem' in content) miss(node, `${path}, which cannot be read: ${content.problem}`);
  else if (content.text !== null) return [[key === path ? (path.split('/').at(-1) ?? path) : key, content.text]];
  return [];
}

function entriesOfEnv(node: ManifestNode, read: ReadSource, miss: Miss): readonly KeyValue[] {
  const path = textOf(node) ?? '';
  const content = read(path);
  if ('problem' in content) {
    miss(node, `${path}, which cannot be read: ${content.problem}`);
    return [];
  }
  const lines = (content.text ?? '').split(/\r?\n/).map((line) => line.trimStart());
  const variables = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const names = variables.filter((line) => !line.includes('='));
  if (content.text === null) miss(node, `${path}, which cannot be read: it is too large`);
  if (names.length > 0) miss(node, `${path} without a value: ${names.join(', ')}`);
  return variables.flatMap((line) => entryOf(line, (value) => value));
}
