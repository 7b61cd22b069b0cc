import { loadFfi } from '../../src/linux/ffi.ts';

/** For `skip` of node:test: false, or that this Node has no node:ffi, which k8s-run needs to reap orphans, and to ask for connections. */
export const noFfi: string | false =
  'missing' in loadFfi() && `node:ffi takes Node 26.1 or newer, this is ${process.version}`;
