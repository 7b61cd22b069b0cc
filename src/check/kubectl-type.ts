import { isScalar, isSeq, type Node, parseDocument } from 'yaml';

/**
 * The type that kubectl reads, where that is not a string: kubectl reads YAML 1.1 (`yes`, `1_000`, `0b11`), but takes `1:30` and
 * dates for strings (measured with kubectl 1.32). null: a string, or nothing.
 */
export function nonStringType(node: Node | null): 'number' | 'boolean' | 'list or a map' | null {
  if (node === null) return null;
  if (!isScalar(node)) return isSeq(node) || 'items' in node ? 'list or a map' : null;
  const { type, value, source } = node;
  if (type !== 'PLAIN') return null;
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value !== 'string' || source === undefined || source.includes(':')) return null;
  if (/^[-+]?0X[\da-f_]+$/i.test(source)) return 'number';
  if (!/^([-+.\d]|[yn]$|yes$|no$|on$|off$)/i.test(source)) return null;
  const parsed = parseDocument(source, { version: '1.1', schema: 'yaml-1.1', logLevel: 'silent' }).contents;
  const old = isScalar(parsed) ? parsed.value : null;
  return typeof old === 'number' || typeof old === 'bigint' ? 'number' : typeof old === 'boolean' ? 'boolean' : null;
}
