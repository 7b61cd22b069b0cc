import { Document, type Node, type Pair, Scalar, type YAMLMap, type YAMLSeq } from 'yaml';

/** A value in a manifest, with comments where it has a reason. */
export type YamlValue = null | string | number | boolean | readonly YamlValue[] | YamlFields | Commented;
/** The fields of a map; an undefined field is left out. */
export type YamlFields = { readonly [name: string]: YamlValue | undefined };
/** A value with a comment above its line. */
export class Commented {
  readonly comment: string;
  readonly value: YamlValue;
  constructor(comment: string, value: YamlValue) {
    this.comment = comment;
    this.value = value;
  }
}

export function withComment(comment: string, value: YamlValue): Commented {
  return new Commented(comment, value);
}

/** What a file is written from. `head` is a comment at the top. */
export type ManifestDocument = { readonly fields: YamlFields; readonly head?: string };
export const MANIFEST_FORMATS = ['yaml', 'json'] as const;
export type ManifestFormat = (typeof MANIFEST_FORMATS)[number];

/** Writes them for kubectl. JSON has no comments, and several objects are one List there, as `kubectl get -o json` prints them. */
export function writeDocuments(documents: readonly ManifestDocument[], format: ManifestFormat): string {
  if (format === 'yaml') return documents.map(writeYaml).join('---\n');
  const items = documents.map(({ fields }) => plain(fields));
  const whole = items.length === 1 ? items[0] : { apiVersion: 'v1', kind: 'List', items };
  return `${JSON.stringify(whole, null, 2)}\n`;
}

/** Without comments. */
export function plain(value: YamlValue | undefined): unknown {
  if (value instanceof Commented) return plain(value.value);
  if (value === undefined || value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]));
}

/** Writes one YAML document: strings that YAML 1.1 reads as numbers or booleans (`on`, `0b1`, `1:30`) are quoted. */
export function writeYaml({ fields, head }: ManifestDocument): string {
  const document = new Document(null, { compat: 'yaml-1.1' });
  document.contents = nodeOf(document, fields) as never;
  if (head !== undefined) document.commentBefore = commentLines(head);
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: false });
  // They are in quotes, where each may be escaped.
  return `${text.replace(/\n$/, '')}\n`.replace(UNPRINTABLE, escaped);
}

/**
 * What kubectl's reader (sigs.k8s.io/yaml) refuses, or takes for the end of a line or a byte order mark. The writer escapes the
 * control characters below U+0020 by itself.
 */
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]/gu;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function nodeOf(document: Document, value: YamlValue): Node {
  if (value instanceof Commented) return nodeOf(document, value.value);
  if (isList(value)) {
    const list = document.createNode([]) as YAMLSeq;
    list.items = value.map((item) => {
      const node = nodeOf(document, item);
      if (item instanceof Commented) node.commentBefore = commentLines(item.comment);
      return node;
    });
    // A list of scalars is easier to read on one line.
    list.flow = value.every((item) => typeof item !== 'object' && !String(item).includes('\n'));
    return list;
  }
  if (typeof value === 'object' && value !== null) {
    const map = document.createNode({}) as YAMLMap;
    for (const [name, field] of Object.entries(value)) {
      if (field === undefined) continue;
      const pair = document.createPair(name, null) as Pair<Scalar, Node>;
      pair.value = nodeOf(document, field);
      if (field instanceof Commented) pair.key.commentBefore = commentLines(field.comment);
      map.items.push(pair);
    }
    return map;
  }
  const node = document.createNode(value) as Node;
  if (typeof value === 'string' && value.search(UNPRINTABLE) >= 0) (node as Scalar).type = Scalar.QUOTE_DOUBLE;
  return node;
}

function isList(value: YamlValue): value is readonly YamlValue[] {
  return Array.isArray(value);
}

function commentLines(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : ` ${line}`))
    .join('\n');
}
