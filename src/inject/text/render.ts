import { isPlain } from '../../check/fix/source-text.ts';
import { isJsonList, isJsonMap, type Json, type JsonMap } from '../json.ts';

/** How the lines around are written. */
export type Style = {
  /** Spaces of one level. */
  readonly step: number;
  /** Spaces of the dash of a list beyond its key. */
  readonly dash: number;
  /** Comments behind keys whose value is a map. */
  readonly comments: Readonly<Record<string, string>>;
};

/** A quantity, a duration or a version of an image: no other type in any version of YAML. */
const UNQUOTED = /^\d+(m|s|Mi|Gi)$/;

export function scalarIn(value: string | number | boolean | null): string {
  if (typeof value !== 'string') return String(value);
  if (isPlain(value) || UNQUOTED.test(value)) return value;
  // Single quotes where double ones would escape much; they can hold one line of printable text.
  return /["\\]/.test(value) && !/[^\x20-\x7e]/.test(value)
    ? `'${value.replaceAll("'", "''")}'`
    : JSON.stringify(value);
}

/** `key: value` as lines without the indentation of the first level. */
export function pairLines(key: string, value: Json, style: Style): readonly string[] {
  const name = scalarIn(key);
  if (isJsonMap(value) && Object.keys(value).length > 0)
    return [`${name}:${commentBehind(key, style)}`, ...indented(mapLines(value, style), style.step)];
  if (isJsonList(value) && value.some((each) => typeof each === 'object' && each !== null))
    return [
      `${name}:`,
      ...indented(
        value.flatMap((each) => itemLines(each, style)),
        style.dash,
      ),
    ];
  return [`${name}: ${flowText(value)}`];
}

function commentBehind(key: string, { comments }: Style): string {
  return Object.hasOwn(comments, key) ? ` # ${comments[key]}` : '';
}

function mapLines(map: JsonMap, style: Style): readonly string[] {
  return Object.entries(map).flatMap(([key, value]) => pairLines(key, value, style));
}

/** `- …` as lines without the indentation of the dash. */
export function itemLines(value: Json, style: Style): readonly string[] {
  const lines = isJsonMap(value) && Object.keys(value).length > 0 ? mapLines(value, style) : [flowText(value)];
  return lines.map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`));
}

function indented(lines: readonly string[], spaces: number): readonly string[] {
  return lines.map((line) => ' '.repeat(spaces) + line);
}

/** In braces and brackets, on one line. */
export function flowText(value: Json): string {
  if (isJsonList(value)) return `[${value.map(flowText).join(', ')}]`;
  if (isJsonMap(value)) {
    const pairs = Object.entries(value).map(([key, each]) => `${scalarIn(key)}: ${flowText(each)}`);
    return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
  }
  return scalarIn(value);
}

/** JSON on one line; `colon`: `:` or `: `. */
export function jsonLine(value: Json, colon: string): string {
  const comma = colon === ':' ? ',' : ', ';
  if (isJsonList(value)) return `[${value.map((each) => jsonLine(each, colon)).join(comma)}]`;
  if (!isJsonMap(value)) return JSON.stringify(value);
  const pairs = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}${colon}${jsonLine(each, colon)}`);
  return `{${pairs.join(comma)}}`;
}
