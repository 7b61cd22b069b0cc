import { isMap, isSeq, type Node } from 'yaml';
import { endOf, lineStart, type MapPair } from '../../check/fix/source-text.ts';

// Every text here ends with a newline: withFinalNewline in apply.ts.

/** Where the line after the one with `at` begins; `at` itself at the start of a line, as after a block scalar. */
export function nextLine(text: string, at: number): number {
  if (at > 0 && text[at - 1] === '\n') return at;
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}

/** The end of the line with `at`, before its newline; of the line before where `at` is at the start of one. */
export function endOfLine(text: string, at: number): number {
  const next = nextLine(text, at);
  return text.startsWith('\r\n', next - 2) ? next - 2 : next - 1;
}

/** The spaces and dashes before `at` on its line; null where anything else is there. */
export function indentBefore(text: string, at: number): number | null {
  const from = lineStart(text, at);
  return /^ *(- +)*$/.test(text.slice(from, at)) ? at - from : null;
}

export function isFlow(value: unknown): boolean {
  return (isMap(value) || isSeq(value)) && value.flow === true;
}

/** A map or a list on lines of its own. */
export function isBlock(value: unknown): boolean {
  return (isMap(value) || isSeq(value)) && value.flow !== true;
}

/** The end of a node, without what follows it on its line. */
export function endOfNode(node: Node | null, fallback: number): number {
  if (node?.range == null) return fallback;
  return endOf({ key: node, value: node } as unknown as MapPair);
}

/** Lines as they are inserted, each with its newline. */
export function linesText(lines: readonly string[], indent: number, newline: string): string {
  return lines.map((line) => ' '.repeat(indent) + line + newline).join('');
}

/** The dash of the list item that begins at `at`; null where it is not the first on its line. */
export function dashBefore(text: string, at: number): number | null {
  for (let dash = text.lastIndexOf('-', at - 1); dash >= 0; dash = text.lastIndexOf('-', dash - 1)) {
    // Not one of an anchor or a tag between the dash and the item.
    if (!/\s/.test(text[dash + 1] ?? '') || indentBefore(text, dash) === null) continue;
    return text.slice(lineStart(text, dash), dash).includes('-') ? null : dash;
  }
  return null;
}

/** The start of the blank lines and comments directly above the line that begins at `at`. */
export function startOfComments(text: string, at: number): number {
  let start = at;
  while (start > 0 && /^\s*(#|$)/.test(text.slice(lineStart(text, start - 1), start).trimEnd()))
    start = lineStart(text, start - 1);
  return start;
}
