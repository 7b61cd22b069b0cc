import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { arch as here } from 'node:process';
import { type Arch, DEBIAN } from '../../bundle/runtime.ts';
import { checkFolder, tarOf } from './archive.ts';
import { ARCHES, type Artefact, type Gap, type Plan, ROOT, run } from './plan.ts';

const PLATFORMS = ARCHES.map((arch) => `linux/${DEBIAN[arch].name}`).join(',');
const CONTAINERS_CONF = `${ROOT}test/containers/containers.conf`;
const FOLDER_LICENCES = 'MIT AND LGPL-2.1-or-later AND GPL-2.0-or-later AND (GPL-3.0-or-later WITH GCC-exception-3.1)';

type Descriptor = {
  readonly digest: string;
  readonly platform?: { readonly architecture: string; readonly os: string };
};
type Index = { readonly manifests: readonly Descriptor[] };
type ImageManifest = { readonly config: Descriptor; readonly layers: readonly Descriptor[] };
type ImageConfig = {
  readonly architecture: string;
  readonly config: { readonly Labels?: Readonly<Record<string, string>>; readonly Entrypoint?: readonly string[] };
};

/** The image with nothing but the portable folder, for x64 and arm64, as an archive of an OCI layout. */
export function makeFolderImage(plan: Plan, homepage: string): Artefact {
  const context = `${plan.scratch}/image`;
  rmSync(context, { recursive: true, force: true });
  for (const arch of ARCHES)
    cpSync(plan.folders[arch], `${context}/${DEBIAN[arch].name}/k8s-run`, {
      recursive: true,
      preserveTimestamps: true,
    });
  // The last stage of the Dockerfile, with the folder that is here in place of the one that its stage `bundle` builds.
  const stage = stageOf(' scratch\n').replace('--from=bundle /opt/k8s-run', '$TARGETARCH/k8s-run');
  writeFileSync(`${context}/Dockerfile`, stage.replace('FROM scratch\n', 'FROM scratch\nARG TARGETARCH\n'));
  const name = `k8s-run-${plan.version}-image.tar`;
  const labels = labelsOf(plan, homepage, {
    title: 'k8s-run',
    description: 'The portable folder of k8s-run, PID 1 for Kubernetes: COPY --from=… /opt/k8s-run /opt/k8s-run',
    licenses: FOLDER_LICENCES,
  });
  build(plan, context, name, { labels });
  return { name, check: () => checkImage(plan, name, (root, arch) => checkFolder(root, arch, plan.version)) };
}

/**
 * The image of k8s-run over a small Node (the stage `node` of the Dockerfile). Its base comes from a registry, so there is a gap
 * where that cannot be reached.
 */
export function makeNodeImage(plan: Plan, homepage: string): Artefact | Gap {
  const context = `${plan.scratch}/image-node`;
  layNodeContext(context);
  const name = `k8s-run-${plan.version}-image-node.tar`;
  const labels = labelsOf(plan, homepage, {
    title: 'k8s-run over Node',
    description: 'k8s-run, PID 1 for Kubernetes, over a small Debian with Node, for apps of Node',
    licenses: 'MIT',
    'base.name': plan.nodeImage,
  });
  const bases = new Map<Arch, string>();
  try {
    for (const arch of ARCHES) bases.set(arch, pull(plan, arch));
  } catch (error) {
    return { missing: `${name}: its base ${plan.nodeImage} cannot be fetched: ${reasonOf(error)}` };
  }
  const wordsFor = (arch: Arch): readonly string[] => ['--build-arg', `NODE_IMAGE=${bases.get(arch)}`];
  build(plan, context, name, { labels, wordsFor });
  return { name, check: () => checkImage(plan, name, checkNodeRoot) };
}

/** Fetches the base of one architecture, by any name that skopeo(1) knows, and returns its ID. */
function pull(plan: Plan, arch: Arch): string {
  const said = buildah(plan, ['pull', '--quiet', '--arch', DEBIAN[arch].name, plan.nodeImage]);
  return said.trim().split('\n').at(-1) ?? '';
}

/** What the stage `build` of the Dockerfile would have made, and a Dockerfile with the stage `node` of it. */
export function layNodeContext(context: string): void {
  rmSync(context, { recursive: true, force: true });
  for (const part of [
    'bin',
    'package.json',
    'LICENSE',
    'dist/main.js',
    'dist/later',
    'dist/package.json',
    'dist/THIRD-PARTY-LICENSES.txt',
  ])
    cpSync(`${ROOT}${part}`, `${context}/${part}`, { recursive: true });
  // For its own Node, which may be another; it is refused there and then, and costs some milliseconds.
  if (existsSync(`${ROOT}dist/main.cache`)) cpSync(`${ROOT}dist/main.cache`, `${context}/dist/main.cache`);
  symlinkSync('k8s-run.js', `${context}/bin/k8s-run`);
  mkdirSync(`${context}/links`);
  symlinkSync('/opt/k8s-run/bin/k8s-run', `${context}/links/k8s-run`);
  const text = `ARG NODE_IMAGE\nFROM scratch AS build\nCOPY . /build/\n${stageOf(' AS node\n')}`;
  writeFileSync(`${context}/Dockerfile`, text);
}

/** A stage of the Dockerfile, from its FROM, of which the end is given, to the next one or the end. */
function stageOf(from: string): string {
  const text = readFileSync(`${ROOT}Dockerfile`, 'utf8');
  const start = text.lastIndexOf('FROM ', text.lastIndexOf(from) + from.length);
  if (!text.slice(start).split('\n', 1)[0]?.concat('\n').endsWith(from))
    throw new Error(`the Dockerfile has no stage whose first line ends in ${from}`);
  const end = text.indexOf('\nFROM ', start);
  return text.slice(start, end < 0 ? undefined : end + 1);
}

/** The labels that registries and scanners read (https://specs.opencontainers.org/image-spec/annotations/). */
function labelsOf(plan: Plan, homepage: string, own: Readonly<Record<string, string>>): readonly string[] {
  const common = {
    version: plan.version,
    revision: plan.commit,
    created: new Date(plan.epoch * 1000).toISOString(),
    source: homepage,
    url: homepage,
    documentation: `${homepage}/blob/v${plan.version}/docs/how-to/install.md`,
    vendor: 'The k8s-run authors',
  };
  return Object.entries({ ...common, ...own }).map(([key, value]) => `org.opencontainers.image.${key}=${value}`);
}

/** Builds for both platforms, and packs the layout as the archive `name`. */
function build(
  plan: Plan,
  context: string,
  name: string,
  {
    labels,
    wordsFor = () => [],
  }: { readonly labels: readonly string[]; readonly wordsFor?: (arch: Arch) => readonly string[] },
): void {
  const manifest = `localhost/${name}`;
  const layout = `${plan.scratch}/${name}.oci`;
  const settings = ['--quiet', '--layers=false', '--identity-label=false', `--timestamp=${plan.epoch}`, '--pull-never'];
  const flags = [...settings, '--manifest', manifest, ...labels.flatMap((each) => ['--label', each])];
  try {
    for (const arch of ARCHES) {
      const platform = ['--platform', `linux/${DEBIAN[arch].name}`];
      buildah(plan, ['build', ...flags, ...platform, ...wordsFor(arch), context]);
    }
    buildah(plan, ['manifest', 'push', '--all', '--quiet', manifest, `oci:${layout}:${plan.version}`]);
    tarOf(layout, `${plan.out}/${name}`, plan.epoch, ['blobs', 'index.json', 'oci-layout']);
  } finally {
    rmSync(layout, { recursive: true, force: true });
    rmSync(context, { recursive: true, force: true });
  }
}

/** In a store in the scratch folder, so that no image of this machine takes part, and none is left. */
function buildah(plan: Plan, words: readonly string[]): string {
  const store = [
    '--root',
    `${plan.scratch}/store`,
    '--runroot',
    `${plan.scratch}/store-run`,
    '--storage-driver',
    'vfs',
  ];
  return run('buildah', [...store, ...words], { env: { ...process.env, CONTAINERS_CONF } });
}

/** Reads the archive as a registry would: each blob by its digest, a platform after the other, and runs what is in its layers. */
function checkImage(plan: Plan, name: string, check: (folder: string, arch: Arch) => string): string {
  const layout = `${plan.scratch}/checked-${name}`;
  rmSync(layout, { recursive: true, force: true });
  mkdirSync(layout);
  run('tar', ['-C', layout, '-xf', `${plan.out}/${name}`]);
  const blob = (digest: string): string => `${layout}/blobs/${digest.replace(':', '/')}`;
  const read = <T>(digest: string): T => {
    const [, hex] = digest.split(':');
    if (run('sha256sum', [blob(digest)]).slice(0, 64) !== hex) throw new Error(`${name}: ${digest} is damaged`);
    return JSON.parse(readFileSync(blob(digest), 'utf8')) as T;
  };
  const { manifests }: Index = JSON.parse(readFileSync(`${layout}/index.json`, 'utf8'));
  const digest = manifests[0]?.digest ?? '';
  const index = read<Index>(digest);
  const found = new Map(index.manifests.map((each) => [each.platform?.architecture, each.digest]));
  for (const arch of ARCHES) {
    const image = read<ImageManifest>(found.get(DEBIAN[arch].name) ?? '');
    const { architecture, config } = read<ImageConfig>(image.config.digest);
    if (architecture !== DEBIAN[arch].name) throw new Error(`${name}: ${architecture} is under ${DEBIAN[arch].name}`);
    const version = config.Labels?.['org.opencontainers.image.version'];
    if (version !== plan.version) throw new Error(`${name}: its label says version ${version}`);
    const root = `${layout}/root-${arch}`;
    mkdirSync(root);
    for (const layer of image.layers) run('tar', ['-C', root, '--exclude=dev/*', '-xf', blob(layer.digest)]);
    check(`${root}/opt/k8s-run`, arch);
  }
  rmSync(layout, { recursive: true });
  return `for ${PLATFORMS}, runs, ${digest}`;
}

/** The program is the same for both; the Node below it is the base's, and is run only where it can be. */
function checkNodeRoot(folder: string, arch: Arch): string {
  for (const part of ['LICENSE', 'dist/THIRD-PARTY-LICENSES.txt', 'bin/k8s-run'])
    if (!existsSync(`${folder}/${part}`))
      throw new Error(`the image over Node for ${arch} has no /opt/k8s-run/${part}`);
  if (arch !== here) return '';
  const root = folder.slice(0, -'/opt/k8s-run'.length);
  const version = run('chroot', [
    '--userspec=1000:1000',
    root,
    '/usr/local/bin/node',
    '/opt/k8s-run/bin/k8s-run.js',
    '--version',
  ]).trim();
  if (version !== (JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as { version: string }).version)
    throw new Error(`k8s-run in the image over Node says version ${version}`);
  return version;
}

/** What buildah has said last, in one line. */
function reasonOf(error: unknown): string {
  const { stderr = '', message = '' } = error as { readonly stderr?: string; readonly message?: string };
  return (
    (stderr.trim() || message)
      .split('\n')
      .at(-1)
      ?.trim()
      .replace(/^(\* |Error: )/, '') ?? ''
  );
}
