import { spawnSync } from 'node:child_process';
import { needsThat } from './needs.ts';

export type OtherNpm = { readonly name: string; readonly words: readonly string[]; readonly skip: string | false };

/**
 * The npm on the PATH, and those whose npm-cli.js K8S_RUN_TEST_NPMS names, paths separated by colons. .ci/run installs one of each
 * major version that people use.
 */
export function npms(): readonly OtherNpm[] {
  const named = (process.env['K8S_RUN_TEST_NPMS'] ?? '').split(':').filter((path) => path !== '');
  const missing = needsThat(named.length > 0, 'no other npm is named', 'K8S_RUN_TEST_NPMS names them, as in .ci/run');
  return [
    { name: nameOf(['npm']), words: ['npm'], skip: false },
    ...named.map((path) => ({
      name: nameOf([process.execPath, path]),
      words: [process.execPath, path],
      skip: false as const,
    })),
    ...(missing === false ? [] : [{ name: 'npm 10 and 11', words: [], skip: missing }]),
  ];
}

function nameOf([program = '', ...words]: readonly string[]): string {
  return `npm ${spawnSync(program, [...words, '--version'], { encoding: 'utf8' }).stdout.trim()}`;
}
