import { isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';

/** The types that the API server tells apart: a number with a fraction has no place in a field for whole numbers. */
export type ValueType = 'string' | 'whole number' | 'fraction' | 'boolean' | 'list' | 'map';

/**
 * The type that kubectl reads; null: nothing, which every field takes. kubectl reads YAML 1.1 (`yes`, `1_000`, `0b11`), but takes
 * `1:30` and dates for strings (measured with kubectl 1.32), and 30.0 becomes 30 on the way to JSON.
 */
export function valueTypeOf(node: Node | null): ValueType | null {
  if (node === null) return null;
  if (!isScalar(node)) return isSeq(node) ? 'list' : isMap(node) ? 'map' : null;
  const { type, value, source } = node;
  if (value === null) return null;
  if (type !== 'PLAIN') return 'string';
  if (typeof value !== 'string') return typeOfScalar(value);
  if (source === undefined || source.includes(':')) return 'string';
  if (/^[-+]?0X[\da-f_]+$/i.test(source)) return 'whole number';
  if (!/^([-+.\d]|[yn]$|yes$|no$|on$|off$)/i.test(source)) return 'string';
  const parsed = parseDocument(source, { version: '1.1', schema: 'yaml-1.1', logLevel: 'silent' }).contents;
  return isScalar(parsed) ? typeOfScalar(parsed.value) : 'string';
}

function typeOfScalar(value: unknown): ValueType {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'bigint') return 'whole number';
  if (typeof value === 'number') return Number.isInteger(value) ? 'whole number' : 'fraction';
  return 'string';
}
