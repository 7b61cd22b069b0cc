import { isScalar, isSeq, type Node, parseDocument } from 'yaml';

/**
 * What kubectl reads a value as, which then is no text: its YAML is 1.1 (`yes`, `1_000`, `0b11`), but `1:30` and dates stay
 * text (measured with kubectl 1.32). null: text, or nothing.
 */
export function notText(node: Node | null): 'number' | 'truth' | 'list or a map' | null {
  if (node === null) return null;
  if (!isScalar(node)) return isSeq(node) || 'items' in node ? 'list or a map' : null;
  const { type, value, source } = node;
  if (type !== 'PLAIN') return null;
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'truth';
  if (typeof value !== 'string' || source === undefined || source.includes(':')) return null;
  if (/^[-+]?0X[\da-f_]+$/i.test(source)) return 'number';
  if (!/^([-+.\d]|[yn]$|yes$|no$|on$|off$)/i.test(source)) return null;
  const read = parseDocument(source, { version: '1.1', schema: 'yaml-1.1', logLevel: 'silent' }).contents;
  const old = isScalar(read) ? read.value : null;
  return typeof old === 'number' || typeof old === 'bigint' ? 'number' : typeof old === 'boolean' ? 'truth' : null;
}
