/** The types of node:ffi. */
export type Ffi = typeof import('node:ffi');

/**
 * node:ffi, for the few system calls that Node has no function for; or why it is missing. It exists since Node 26.1 and is
 * experimental, so each caller tests its functions before it relies on them, and goes on without them where it is missing.
 */
export function loadFfi(): Ffi | { readonly missing: string } {
  const missing = `node:ffi is not in ${process.version}, or is switched off (--no-experimental-ffi)`;
  return process.getBuiltinModule('node:ffi') ?? { missing };
}
