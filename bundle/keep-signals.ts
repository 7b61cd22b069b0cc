import { compile } from './compile.ts';
import type { Arch } from './runtime.ts';

/** The object with which the runtime is linked before all libraries (keep-signals.c). */
export const KEEP_SIGNALS = 'libkeep-signals.so';

/** Compiles it into `folder`/lib. Its few segments and symbols cost the loader a tenth of a millisecond. */
export function layKeepSignals(folder: string, arch: Arch): void {
  const flags = ['-shared', '-fPIC', '-fvisibility=hidden', `-Wl,-soname,${KEEP_SIGNALS}`, '-Wl,--hash-style=gnu'];
  compile(arch, 'keep-signals.c', `${folder}/lib/${KEEP_SIGNALS}`, [...flags, '-Wl,-z,now', '-Wl,-z,noseparate-code']);
}
