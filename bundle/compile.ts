import { execFileSync } from 'node:child_process';
import { type Arch, toolFor } from './runtime.ts';

const home = new URL('.', import.meta.url).pathname;

/** Without a libc's start files and headers, and reproducible: the file does not depend on where and when it is compiled. */
const FLAGS = [
  ...['-std=c17', '-Os', '-Wall', '-Wextra', '-Werror', '-ffreestanding', '-fno-builtin', '-nostdlib'],
  ...['-fno-stack-protector', '-fno-asynchronous-unwind-tables', '-fno-tree-loop-distribute-patterns'],
  ...['-Wl,--build-id=none', '-Wl,-z,noexecstack', '-s'],
];

/** Compiles a C file of this folder for that architecture. */
export function compile(arch: Arch, source: string, out: string, flags: readonly string[]): void {
  const words = [...FLAGS, ...flags, '-o', out, `${home}${source}`];
  execFileSync(toolFor(arch, 'gcc'), words, { stdio: ['ignore', 'inherit', 'inherit'] });
}
