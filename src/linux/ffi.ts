/** node:ffi as Node has it. */
export type Ffi = typeof import('node:ffi');

/**
 * node:ffi, for the few system calls that Node has no function for, or why there is none. It is experimental and there since
 * Node 26.1: whoever uses it tests what it gives before trusting it, and does without where it is missing.
 */
export function loadFfi(): Ffi | { readonly missing: string } {
  const missing = `node:ffi is not in ${process.version}, or is switched off (--no-experimental-ffi)`;
  return process.getBuiltinModule('node:ffi') ?? { missing };
}
