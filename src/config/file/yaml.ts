import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument } from 'yaml';
import { MERGE, merged } from './yaml-merge.ts';

/** Where something stands in a file; both count from 1. */
export type Place = { readonly line: number; readonly column: number };

/** What a YAML or JSON document says, with the place of each word. An alias is what it stands for, and so is what is merged. */
export type Tree =
  | { readonly kind: 'scalar'; readonly value: string | number | boolean | null; readonly place: Place }
  | { readonly kind: 'list'; readonly items: readonly Tree[]; readonly place: Place }
  | { readonly kind: 'map'; readonly entries: readonly Entry[]; readonly place: Place };
export type Entry = { readonly key: string; readonly place: Place; readonly value: Tree };

/** Something wrong with the text itself, and where. */
export type Complaint = { readonly place: Place; readonly text: string };

export type Read = { readonly tree: Tree } | { readonly complaints: readonly Complaint[] };

/** A few anchors save writing; a thousand uses of them are meant to explode. */
const MAX_ALIASES = 100;
/** Far more than every option has to say; an alias counts as what it stands for. */
const MAX_NODES = 100_000;
/** One comma that is missing may upset every line after it. */
const MAX_COMPLAINTS = 10;
/** Deeper than anything that means something to k8s-run, and far from the end of the stack. */
const MAX_DEPTH = 32;

const NO_MAP = `${MERGE} takes in a map, or a list of maps; write ${MERGE}: *name`;
const TOO_DEEP = 'it is nested too deeply';
const START: Place = { line: 1, column: 1 };

/** Reads YAML 1.2 with the merge keys of 1.1, and JSON, which is YAML. All that is wrong with it comes at once. */
export function readDocument(text: string): Read {
  const counter = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  try {
    const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: false });
    // A tag that nobody knows is a warning of the library's, and no value that an option could have.
    const complaints = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
      place: placeAt(pos[0]),
      text: code === 'MULTIPLE_DOCS' ? 'there is a second document; write one' : inOneLine(message) + hintFor(code),
    }));
    // The library calls itself for each level of nesting.
    const deep = complaints.find(({ text }) => text.startsWith('Maximum call stack'));
    if (deep !== undefined) return { complaints: [{ place: deep.place, text: TOO_DEEP }] };
    if (complaints.length > 0) return { complaints: complaints.slice(0, MAX_COMPLAINTS) };
    if (document.contents === null) return { tree: { kind: 'scalar', value: null, place: START } };
    return planted(document, placeAt);
  } catch (error) {
    const text = error instanceof RangeError ? TOO_DEEP : inOneLine(String(error));
    return { complaints: [{ place: START, text }] };
  }
}

function planted(document: Document.Parsed, placeAt: (offset: number) => Place): Read {
  const complaints: Complaint[] = [];
  let aliases = 0;
  let nodes = 0;
  const plant = (node: ParsedNode | null, place: Place, depth: number): Tree => {
    const here = node === null ? place : placeAt(node.range[0]);
    const nothing = (text: string): Tree => {
      if (!complaints.some((complaint) => complaint.text === text)) complaints.push({ place: here, text });
      return { kind: 'scalar', value: null, place: here };
    };
    nodes += 1;
    if (nodes > MAX_NODES) return nothing(`it says more than ${MAX_NODES} things`);
    if (depth > MAX_DEPTH) return nothing(TOO_DEEP);
    if (isAlias(node)) {
      aliases += 1;
      if (aliases > MAX_ALIASES) return nothing(`anchors are used more than ${MAX_ALIASES} times`);
      const target = node.resolve(document) as ParsedNode | undefined;
      return target === undefined ? nothing(`there is no anchor &${node.source}`) : plant(target, here, depth + 1);
    }
    if (isMap<ParsedNode, ParsedNode | null>(node)) {
      const own: Entry[] = [];
      const taken: Tree[] = [];
      for (const { key, value } of node.items) {
        const at = placeAt(key.range[0]);
        if (!isScalar(key)) complaints.push({ place: at, text: 'a key must be a word' });
        const planted = plant(value, at, depth + 1);
        // In quotation marks it is a key like any other.
        if (!isScalar(key) || key.value !== MERGE || key.type !== 'PLAIN') {
          own.push({ key: isScalar(key) ? String(key.value) : '', place: at, value: planted });
          continue;
        }
        const maps = isSeq(value) && planted.kind === 'list' ? planted.items : [planted];
        if (maps.every(({ kind }) => kind === 'map')) taken.push(...maps);
        else if (complaints.length === 0) complaints.push({ place: at, text: NO_MAP });
      }
      return { kind: 'map', entries: merged(own, taken), place: here };
    }
    if (isSeq<ParsedNode>(node)) {
      return { kind: 'list', items: node.items.map((item) => plant(item, here, depth + 1)), place: here };
    }
    const value: unknown = node === null ? null : node.value;
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      return { kind: 'scalar', value, place: here };
    }
    return nothing('not a word, a number, a list or a map');
  };
  const tree = plant(document.contents, START, 0);
  return complaints.length > 0 ? { complaints } : { tree };
}

/** What the library's words mean for who wrote the file. */
const HINTS: Readonly<Record<string, string>> = {
  BAD_INDENT: 'look at the indentation',
  BLOCK_AS_IMPLICIT_KEY: 'look at the indentation, or put text with a colon and a space in quotation marks',
  MULTILINE_IMPLICIT_KEY: 'look at the indentation',
  TAB_AS_INDENT: 'indent with spaces',
};

function hintFor(code: string): string {
  return HINTS[code] === undefined ? '' : `; ${HINTS[code]}`;
}

function inOneLine(message: string): string {
  return message.replace(/\s+/g, ' ').trim();
}
