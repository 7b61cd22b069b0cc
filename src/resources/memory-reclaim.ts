import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { loadFfi } from '../linux/ffi.ts';

/**
 * Runs the garbage collection that V8 runs before it gives up for lack of memory. It also drops compiled code that was not
 * used lately. Contexts that are made while --expose-gc is set have `gc` (v8.setFlagsFromString).
 */
export function collect(): void {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof gc === 'function') gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

/**
 * Returns to the kernel the memory that malloc(3) keeps in reserve in all its arenas, with malloc_trim(3) of glibc. Does
 * nothing where that is missing: with musl, which keeps little, or without node:ffi.
 */
export const trim: () => void = findTrim();

function findTrim(): () => void {
  try {
    const ffi = loadFfi();
    if ('missing' in ffi) return () => {};
    const { functions } = ffi.dlopen(null, { malloc_trim: { arguments: ['u64'], return: 'i32' } });
    return () => void functions.malloc_trim(0n);
  } catch {
    // Without it k8s-run only keeps a little more memory.
  }
  return () => {};
}

/** The resident memory of k8s-run, in bytes; Infinity without /proc. */
export function resident(): number {
  try {
    return process.memoryUsage.rss();
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
