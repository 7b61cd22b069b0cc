import { availableParallelism } from 'node:os';
import type { Invocation } from './commands.ts';
import { print } from './print.ts';

/** `k8s-run env`: what the container's limits are. */
export async function run({ words }: Invocation): Promise<number> {
  const { commandLine, readWords } = await import('./command-line.ts');
  const program = readWords(commandLine('env', "Prints the container's limits."), words);
  if (typeof program === 'number') return program;
  print(`processors ${availableParallelism()}\nmemory ${process.constrainedMemory()}\n`);
  return 0;
}
