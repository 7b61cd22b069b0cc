import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument } from 'yaml';
import { MERGE_KEY, mergeEntries } from './yaml-merge.ts';

/** A position in a file; lines and columns count from 1. */
export type Position = { readonly line: number; readonly column: number };

/** The content of a YAML or JSON document, with the position of each node. Aliases and merge keys are resolved. */
export type YamlTree =
  | { readonly kind: 'scalar'; readonly value: string | number | boolean | null; readonly position: Position }
  | { readonly kind: 'list'; readonly items: readonly YamlTree[]; readonly position: Position }
  | { readonly kind: 'map'; readonly entries: readonly MapEntry[]; readonly position: Position };
export type MapEntry = { readonly key: string; readonly position: Position; readonly value: YamlTree };

/** What is wrong with the YAML itself, and where. */
export type YamlError = { readonly position: Position; readonly text: string };

export type YamlResult = { readonly tree: YamlTree } | { readonly errors: readonly YamlError[] };

/** A few aliases save writing; a thousand are an attempt to exhaust the memory. */
const MAX_ALIASES = 100;
/** Far more than all options need; an alias counts as many nodes as its anchor has. */
const MAX_NODES = 100_000;
/** One missing comma can make every line after it wrong. */
const MAX_ERRORS = 10;
/** Deeper than any option, and far below the depth at which the stack overflows. */
const MAX_DEPTH = 32;

const NOT_A_MAP = `${MERGE_KEY} merges a map or a list of maps; write ${MERGE_KEY}: *name`;
const TOO_DEEP = `nested too deeply; ${MAX_DEPTH} levels at most`;
const START: Position = { line: 1, column: 1 };

/** Reads YAML 1.2 with the merge keys of YAML 1.1, and JSON, which is YAML. Returns all errors at once. */
export function parseYaml(text: string): YamlResult {
  const counter = new LineCounter();
  const positionAt = (offset: number): Position => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  try {
    const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: false });
    // The library only warns about an unknown tag, but no option has such a value.
    const errors = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
      position: positionAt(pos[0]),
      text: code === 'MULTIPLE_DOCS' ? 'a second YAML document begins; keep one' : onOneLine(message) + hintFor(code),
    }));
    // The library recurses once for each level of nesting.
    const overflow = errors.find(({ text }) => text.startsWith('Maximum call stack'));
    if (overflow !== undefined) return { errors: [{ position: overflow.position, text: TOO_DEEP }] };
    if (errors.length > 0) return { errors: errors.slice(0, MAX_ERRORS) };
    if (document.contents === null) return { tree: { kind: 'scalar', value: null, position: START } };
    return treeOf(document, positionAt);
  } catch (error) {
    const text = error instanceof RangeError ? TOO_DEEP : onOneLine(String(error));
    return { errors: [{ position: START, text }] };
  }
}

function treeOf(document: Document.Parsed, positionAt: (offset: number) => Position): YamlResult {
  const errors: YamlError[] = [];
  let aliases = 0;
  let nodes = 0;
  const build = (node: ParsedNode | null, parent: Position, depth: number): YamlTree => {
    const position = node === null ? parent : positionAt(node.range[0]);
    const reject = (text: string): YamlTree => {
      if (!errors.some((error) => error.text === text)) errors.push({ position, text });
      return { kind: 'scalar', value: null, position };
    };
    nodes += 1;
    if (nodes > MAX_NODES) return reject(`more than ${MAX_NODES} nodes, aliases resolved; shorten the file`);
    if (depth > MAX_DEPTH) return reject(TOO_DEEP);
    if (isAlias(node)) {
      aliases += 1;
      if (aliases > MAX_ALIASES) return reject(`more than ${MAX_ALIASES} aliases; write the values out`);
      const target = node.resolve(document) as ParsedNode | undefined;
      return target === undefined ? reject(`no anchor &${node.source} before it`) : build(target, position, depth + 1);
    }
    if (isMap<ParsedNode, ParsedNode | null>(node)) {
      const own: MapEntry[] = [];
      const merged: YamlTree[] = [];
      for (const { key, value } of node.items) {
        const at = positionAt(key.range[0]);
        if (!isScalar(key)) errors.push({ position: at, text: 'a key must be a scalar, not a list or a map' });
        const tree = build(value, at, depth + 1);
        // In quotes it is a key like any other.
        if (!isScalar(key) || key.value !== MERGE_KEY || key.type !== 'PLAIN') {
          own.push({ key: isScalar(key) ? String(key.value) : '', position: at, value: tree });
          continue;
        }
        const maps = isSeq(value) && tree.kind === 'list' ? tree.items : [tree];
        if (maps.every(({ kind }) => kind === 'map')) merged.push(...maps);
        else if (errors.length === 0) errors.push({ position: at, text: NOT_A_MAP });
      }
      return { kind: 'map', entries: mergeEntries(own, merged), position };
    }
    if (isSeq<ParsedNode>(node)) {
      return { kind: 'list', items: node.items.map((item) => build(item, position, depth + 1)), position };
    }
    const value: unknown = node === null ? null : node.value;
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      return { kind: 'scalar', value, position };
    }
    return reject('not a string, a number, a boolean, a list or a map');
  };
  const tree = build(document.contents, START, 0);
  return errors.length > 0 ? { errors } : { tree };
}

/** Remedies for errors of the library, by its error codes. */
const HINTS: Readonly<Record<string, string>> = {
  BAD_INDENT: 'check the indentation',
  BLOCK_AS_IMPLICIT_KEY: 'check the indentation, or put text that contains a colon and a space in quotes',
  MULTILINE_IMPLICIT_KEY: 'check the indentation',
  TAB_AS_INDENT: 'indent with spaces',
};

function hintFor(code: string): string {
  return HINTS[code] === undefined ? '' : `; ${HINTS[code]}`;
}

function onOneLine(message: string): string {
  return message.replace(/\s+/g, ' ').trim();
}
