import { escapeInJson } from './control-characters.ts';
import type { LogEntry, LogFormatter } from './entry.ts';

/** Bytes. Container runtimes split a line at 16 KiB (cri-o, containerd, Docker), and log agents may not join the parts. */
const LINE_LIMIT = 8_192;
/** Bytes of one text, and entries of one list, in a line that is too long; halved until the line fits. */
const TEXT_LIMIT = 3_000;
const LIST_LIMIT = 20;
const HALVINGS = 8;

/**
 * Cuts what is long in a line that would be longer than LINE_LIMIT. `cut` says what is missing: characters of a text, or entries
 * of a list, for each field.
 */
export function withinLimit(format: LogFormatter): LogFormatter {
  const fits = (line: string): boolean => Buffer.byteLength(line) <= LINE_LIMIT;
  return (entry) => {
    const line = format(entry);
    if (fits(line)) return line;
    for (let halvings = 0; halvings < HALVINGS; halvings += 1) {
      const shorter = format(shortened(entry, TEXT_LIMIT >> halvings, LIST_LIMIT >> halvings));
      if (fits(shorter)) return shorter;
    }
    const { msg } = shortened(entry, TEXT_LIMIT, 0);
    return format({ ...entry, msg, facts: { cut: { fields: Object.keys(entry.facts).length } } });
  };
}

function shortened(entry: LogEntry, textLimit: number, listLimit: number): LogEntry {
  const cut: Record<string, number> = {};
  const shorter = (value: unknown, path: string): unknown => {
    if (typeof value === 'string') {
      const end = endWithin(value, textLimit);
      if (end === value.length) return value;
      cut[path] = value.length - end;
      return `${value.slice(0, end)}… (${value.length - end} more characters)`;
    }
    if (Array.isArray(value)) {
      if (value.length > listLimit) cut[path] = value.length - listLimit;
      return value.slice(0, listLimit).map((each) => shorter(each, path));
    }
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shorter(each, `${path}.${key}`)]));
  };
  const msg = String(shorter(entry.msg, 'msg'));
  const facts = Object.fromEntries(Object.entries(entry.facts).map(([key, value]) => [key, shorter(value, key)]));
  return { ...entry, msg, facts: { ...facts, cut } };
}

/** Where to cut a text so that it has this many bytes at most in JSON; never within a character. */
function endWithin(text: string, limit: number): number {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(escapeInJson(JSON.stringify(character))) - 2;
    if (bytes > limit) return end;
    end += character.length;
  }
  return end;
}
