import { Document, type Node, type Pair, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';

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

/**
 * Writes one YAML document for kubectl: strings that YAML 1.1 reads as numbers or booleans (`on`, `0b1`, `1:30`) are quoted.
 * `head` is a comment at the top.
 */
export function writeYaml(fields: YamlFields, head: string | null = null): string {
  const document = new Document(null, { compat: 'yaml-1.1' });
  document.contents = nodeOf(document, fields) as never;
  if (head !== null) document.commentBefore = commentLines(head);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
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
  return document.createNode(value) as Node;
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
