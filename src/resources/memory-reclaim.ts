import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { loadFfi } from '../linux/ffi.ts';

/**
 * What V8 does when memory runs out: every collection that still finds something, code that was not used lately included;
 * it is compiled again if it ever is. `gc` is there in contexts made while the flag is set (v8.setFlagsFromString).
 */
export function collect(): void {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof gc === 'function') gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

/**
 * Returns to the kernel what malloc(3) has in reserve, in every arena: malloc_trim(3) of glibc. Where it is missing (musl,
 * which keeps little; no node:ffi), there is nothing to call, and nothing is done.
 */
export const trim: () => void = findTrim();

function findTrim(): () => void {
  try {
    const ffi = loadFfi();
    if ('missing' in ffi) return () => {};
    const { functions } = ffi.dlopen(null, { malloc_trim: { arguments: ['u64'], return: 'i32' } });
    return () => void functions.malloc_trim(0n);
  } catch {
    // Memory is not worth a word.
  }
  return () => {};
}

/** Bytes; Infinity where it cannot be told, without /proc. */
export function resident(): number {
  try {
    return process.memoryUsage.rss();
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
