import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { KEEP_SIGNALS } from './keep-signals.ts';
import type { Origin } from './libraries.ts';
import { type Arch, NODE_VERSION, nodePackage } from './runtime.ts';

const root = new URL('..', import.meta.url).pathname;
const COMMON = '/usr/share/common-licenses';

/** Writes the licences of all parts of the folder into it, and where the source of the parts under LGPL and GPL is available. */
export function layLicences(folder: string, arch: Arch, origins: readonly Origin[]): void {
  const shelf = `${folder}/licenses`;
  mkdirSync(shelf, { recursive: true });
  copyFileSync(`${root}LICENSE`, `${shelf}/k8s-run.txt`);
  copyFileSync(`${root}dist/THIRD-PARTY-LICENSES.txt`, `${shelf}/libraries-of-k8s-run.txt`);
  copyFileSync(`${nodePackage(arch)}/LICENSE`, `${shelf}/node.txt`);
  for (const { name, copyright } of origins) copyFileSync(copyright, `${shelf}/${name}.txt`);
  for (const name of ['LGPL-2.1', 'GPL-2', 'GPL-3']) copyFileSync(`${COMMON}/${name}`, `${shelf}/${name}.txt`);
  writeFileSync(`${shelf}/README.txt`, readme(origins));
}

function readme(origins: readonly Origin[]): string {
  const lines = origins.map(({ name, version, source, sourceVersion }) =>
    [
      `  ${name} ${version}: licenses/${name}.txt`,
      `    source: https://snapshot.debian.org/package/${source}/${sourceVersion.replace(/^\d+:/, '')}/`,
    ].join('\n'),
  );
  return `What is in this folder, and under which licence

  bin/k8s-run, lib/program, lib/${KEEP_SIGNALS}: k8s-run, MIT: licenses/k8s-run.txt
  libraries inside lib/program: licenses/libraries-of-k8s-run.txt
  lib/k8s-run: Node.js ${NODE_VERSION} and what it contains, MIT and others: licenses/node.txt
    changed: symbols stripped, locale data blanked, its loader and libraries named by their path, linked with lib/${KEEP_SIGNALS}
    source: https://nodejs.org/dist/v${NODE_VERSION}/

The other files in lib/ are libraries of Debian, unchanged. You may replace them with others of the same interface.
glibc is under the LGPL 2.1 or later, the runtime of GCC under the GPL 3 with the GCC Runtime Library Exception:

${lines.join('\n')}

sbom.cdx.json lists all of it for machines.
`;
}
