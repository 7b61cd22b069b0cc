import { parseManifest, rootOf } from '../../check/manifest-node.ts';
import { dataOf } from '../data-of.ts';
import { isJsonMap, type Json } from '../json.ts';

/** A field as it was written, so that it can be put back character by character. */
export type Verbatim = {
  /** From the first character of the key; of a field that was taken out, whole lines where it had its own; empty: a merge key had it. */
  readonly text: string;
  /** Characters before the key on its line. */
  readonly column: number;
  /** Only of a field that was taken out: the key before it; null: it was the first. */
  readonly after?: string | null;
  /** Only where the text alone does not tell it. */
  readonly value?: Json;
};

/** The text at another column: each line after the first moves as far as its key. */
export function movedTo({ text, column }: Verbatim, to: number): string {
  const by = to - column;
  if (by === 0) return text;
  return text
    .split('\n')
    .map((line, index) => {
      if (index === 0 || line.trim() === '') return line;
      return by > 0 ? ' '.repeat(by) + line : line.slice(Math.min(-by, line.length - line.trimStart().length));
    })
    .join('\n');
}

/** The value of the field; undefined where the text alone does not tell it, because of an alias. */
export function valueIn({ text, column }: Verbatim, key: string): Json | undefined {
  if (text === '') return undefined;
  const inFlow = text.replace(/^\s*,|,\s*$/g, '');
  for (const candidate of [' '.repeat(column) + text, text, `{${inFlow}}`]) {
    const document = parseManifest(candidate);
    if (document.errors.length > 0) continue;
    const data = dataOf(rootOf(document));
    if (isJsonMap(data) && Object.keys(data).length === 1 && Object.hasOwn(data, key)) return data[key];
  }
  return undefined;
}
