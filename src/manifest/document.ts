import { Document, type Node, type Pair, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';

/** What a manifest says, with the reasons for it. */
export type Value = null | string | number | boolean | readonly Value[] | Fields | Said;
/** A field that is undefined is not there. */
export type Fields = { readonly [name: string]: Value | undefined };
/** A value and why it is so: the comment above its line. */
export class Said {
  readonly why: string;
  readonly value: Value;
  constructor(why: string, value: Value) {
    this.why = why;
    this.value = value;
  }
}

export function because(why: string, value: Value): Said {
  return new Said(why, value);
}

/**
 * One YAML document, as kubectl reads it: words that YAML 1.1 takes for numbers or truth (`on`, `0b1`, `1:30`) stand in quotation
 * marks. `head` is the comment at its top.
 */
export function write(fields: Fields, head: string | null = null): string {
  const document = new Document(null, { compat: 'yaml-1.1' });
  document.contents = nodeOf(document, fields) as never;
  if (head !== null) document.commentBefore = commented(head);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function nodeOf(document: Document, value: Value): Node {
  if (value instanceof Said) return nodeOf(document, value.value);
  if (isList(value)) {
    const list = document.createNode([]) as YAMLSeq;
    list.items = value.map((item) => {
      const node = nodeOf(document, item);
      if (item instanceof Said) node.commentBefore = commented(item.why);
      return node;
    });
    // A line of words is read as one.
    list.flow = value.every((item) => typeof item !== 'object' && !String(item).includes('\n'));
    return list;
  }
  if (typeof value === 'object' && value !== null) {
    const map = document.createNode({}) as YAMLMap;
    for (const [name, field] of Object.entries(value)) {
      if (field === undefined) continue;
      const pair = document.createPair(name, null) as Pair<Scalar, Node>;
      pair.value = nodeOf(document, field);
      if (field instanceof Said) pair.key.commentBefore = commented(field.why);
      map.items.push(pair);
    }
    return map;
  }
  return document.createNode(value) as Node;
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function commented(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : ` ${line}`))
    .join('\n');
}
