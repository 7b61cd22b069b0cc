import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Origin } from './libraries.ts';
import { type Arch, DEBIAN, NODE_VERSION } from './runtime.ts';

const root = new URL('..', import.meta.url).pathname;

/** The used part of CycloneDX 1.5 (https://cyclonedx.org/docs/1.5/json/). */
type Component = {
  readonly 'bom-ref': string;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly [more: string]: unknown;
};
type Bom = { readonly components: readonly Component[] };

/** The licences of the Debian packages, as SPDX expressions. */
const LICENCES: Readonly<Record<string, string>> = {
  libc6: 'LGPL-2.1-or-later AND GPL-2.0-or-later',
  'libstdc++6': 'GPL-3.0-or-later WITH GCC-exception-3.1',
  'libgcc-s1': 'GPL-3.0-or-later WITH GCC-exception-3.1',
  libatomic1: 'GPL-3.0-or-later WITH GCC-exception-3.1',
};

/**
 * Writes sbom.cdx.json: the libraries in dist/ as `npm sbom` lists them, Node with the libraries that it reports in
 * process.versions, and Debian's libraries. It contains no time and no random number, so the same folder has the same list.
 */
export function laySbom(
  folder: string,
  arch: Arch,
  origins: readonly Origin[],
  insideNode: Record<string, string>,
): void {
  const words = ['sbom', '--sbom-format=cyclonedx', '--package-lock-only', '--silent'];
  const known = JSON.parse(execFileSync('npm', words, { cwd: root, encoding: 'utf8' })) as Bom;
  const bundled = bundledLibraries();
  const libraries = known.components
    .filter(({ name, version }) => bundled.has(`${name}@${version}`))
    // For npm they are development dependencies, but this folder contains them.
    .map((component) => ({ ...component, properties: [], scope: 'required' }));
  if (libraries.length !== bundled.size)
    throw new Error(`cannot list what is bundled: npm knows ${libraries.length} of ${[...bundled].join(', ')}`);
  const components: readonly Component[] = [
    ...libraries,
    nodeComponent(folder, insideNode),
    ...origins.map((each) => debian(each, arch)),
  ];
  const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string };
  const product = {
    'bom-ref': `k8s-run@${version}`,
    type: 'application',
    name: 'k8s-run',
    version,
    licenses: [{ license: { id: 'MIT' } }],
    purl: `pkg:npm/k8s-run@${version}`,
  };
  const bom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify([product, components]))}`,
    version: 1,
    metadata: { lifecycles: [{ phase: 'build' }], component: product },
    components,
    dependencies: [{ ref: product['bom-ref'], dependsOn: components.map((each) => each['bom-ref']) }],
  };
  writeFileSync(`${folder}/sbom.cdx.json`, `${JSON.stringify(bom, null, 2)}\n`);
}

/** `name@version` of each library with a licence notice in dist/, which are those that esbuild has bundled. */
function bundledLibraries(): ReadonlySet<string> {
  const notices = readFileSync(`${root}dist/THIRD-PARTY-LICENSES.txt`, 'utf8').split(/^-{72}\n\n/m);
  return new Set(notices.flatMap((each) => /^(\S+) (\S+) \(/.exec(each)?.slice(1, 3).join('@') ?? []));
}

function nodeComponent(folder: string, inside: Record<string, string>): Component {
  const own = ['node', 'modules', 'napi', 'unicode', 'cldr', 'tz'];
  return {
    'bom-ref': `node@${NODE_VERSION}`,
    type: 'platform',
    name: 'node',
    version: NODE_VERSION,
    cpe: `cpe:2.3:a:nodejs:node.js:${NODE_VERSION}:*:*:*:-:*:*:*`,
    purl: `pkg:generic/node@${NODE_VERSION}`,
    licenses: [{ license: { id: 'MIT' } }],
    hashes: [{ alg: 'SHA-256', content: sum(readFileSync(`${folder}/lib/k8s-run`)) }],
    components: Object.entries(inside)
      .filter(([name]) => !own.includes(name))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, version]) => ({
        'bom-ref': `node@${NODE_VERSION}/${name}@${version}`,
        type: 'library',
        name,
        version,
        purl: `pkg:generic/${name}@${version}`,
      })),
  };
}

function debian(origin: Origin, arch: Arch): Component {
  const { name, version, source, sourceVersion } = origin;
  const escaped = encodeURIComponent(version);
  return {
    'bom-ref': `${name}@${version}`,
    type: 'library',
    name,
    version,
    purl: `pkg:deb/debian/${encodeURIComponent(name)}@${escaped}?arch=${DEBIAN[arch].name}`,
    licenses: [{ expression: LICENCES[name] }],
    properties: [{ name: 'debian:source', value: `${source} ${sourceVersion}` }],
  };
}

const sum = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

/** A UUID that is a hash of the content (RFC 9562, version 8). */
function uuidOf(text: string): string {
  const hex = sum(text);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
