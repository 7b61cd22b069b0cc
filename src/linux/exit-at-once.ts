import { loadFfi } from './ffi.ts';

/** Ends this process by _exit(2), which joins no thread. Returns where node:ffi is missing. */
export function exitAtOnce(code: number): void {
  const ffi = loadFfi();
  if ('missing' in ffi) return;
  try {
    ffi.dlopen(null, { _exit: { arguments: ['i32'], return: 'void' } }).functions._exit(code);
  } catch {
    // An experimental API, which may be different in this Node.
  }
}
