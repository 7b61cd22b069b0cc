import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';

/** V8's header of a code cache (src/snapshot/code-serializer.h): the fourth word is the hash of the flags. */
const FLAGS_HASH = { from: 12, to: 16 } as const;
/** Names are hashed with a seed, and code is laid out by hash: with a fixed one, the same source gives the same bytes. */
const SAME_EVERY_TIME = '--hash-seed=1';
const maker = new URL('make-code-cache.cjs', import.meta.url).pathname;

/** What will run main.js: its command line, up to the flags of Node, and its whole environment. */
export type Runtime = { readonly command: readonly string[]; readonly environment: NodeJS.ProcessEnv };

/**
 * Makes `dist`/main.cache, by the runtime that it is for and by no other: V8 refuses it under any other build of Node, and then
 * compiles. V8 marks a cache with the flags it was made under, and the fixed seed is one: the mark is replaced by that of the
 * flags it will be used under, and V8 asked whether it takes it. `entry` is what the runtime will be told to run.
 */
export function cacheCode(dist: string, entry: string, { command, environment }: Runtime): void {
  const run = (flags: readonly string[], mode: string, out: string): void => {
    const [program = '', ...words] = [...command, ...flags, maker, dist, mode, out, entry];
    const { status, stderr, error } = spawnSync(program, words, { env: environment, encoding: 'utf8' });
    if (status !== 0) throw new Error(`cannot make the code cache (${mode}): ${error?.message ?? stderr}`);
  };
  const cache = `${dist}/main.cache`;
  const stamp = `${dist}/main.stamp`;
  run([SAME_EVERY_TIME], 'code', cache);
  run([], 'stamp', stamp);
  const bytes = readFileSync(cache);
  readFileSync(stamp).copy(bytes, FLAGS_HASH.from, FLAGS_HASH.from, FLAGS_HASH.to);
  writeFileSync(cache, bytes);
  run([], 'check', cache);
  rmSync(stamp);
}
