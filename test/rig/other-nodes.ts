import { spawnSync } from 'node:child_process';
import { needsThat } from './needs.ts';

export type OtherNode = { readonly name: string; readonly path: string; readonly skip: string | false };

/**
 * The Nodes that an app may have: the one of the tests, and those that K8S_RUN_TEST_NODES names, paths separated by colons.
 * .ci/run installs one of each major version from 12 to 24.
 */
export function nodes(): readonly OtherNode[] {
  const named = (process.env['K8S_RUN_TEST_NODES'] ?? '').split(':').filter((path) => path !== '');
  const others = named.map((path) => {
    const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
    return { name: `Node ${(stdout ?? '').trim()}`, path, skip: false as const };
  });
  const remedy = 'K8S_RUN_TEST_NODES names their binaries, as in .ci/run';
  const missing = needsThat(others.length > 0, 'no other Node is named', remedy);
  return [
    { name: `Node ${process.version}`, path: process.execPath, skip: false },
    ...(missing === false ? others : [{ name: 'Node 12 to 24', path: '', skip: missing }]),
  ];
}
