/**
 * Returns to the kernel what malloc(3) has in reserve, in every arena: malloc_trim(3) of glibc. Where it is missing (musl,
 * which keeps little; no node:ffi), nothing is done.
 */
export function trimMalloc(): void {
  try {
    const ffi = process.getBuiltinModule('node:ffi');
    ffi?.dlopen(null, { malloc_trim: { arguments: ['u64'], return: 'i32' } }).functions.malloc_trim(0n);
  } catch {
    // Memory is not worth a word.
  }
}
