import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { arch as here } from 'node:process';
import { parse, stringify } from 'yaml';
import { DEBIAN } from '../../bundle/runtime.ts';
import { saysVersion, unpack } from './archive.ts';
import { ARCHES, type Artefact, type Plan } from './plan.ts';

type Platform = { readonly uri: string; readonly sha256: string; readonly bin: string };
type Manifest = {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly platforms: readonly Platform[] };
};

/** krew's name of the manifest is that of the plugin; kubectl looks for kubectl-k8s_run, a hyphen being an underscore. */
const NAME = 'k8s-run.yaml';

/** SHA-256 of a file of the release, in hexadecimal. */
export function sumOf(plan: Plan, name: string): string {
  return createHash('sha256')
    .update(readFileSync(`${plan.out}/${name}`))
    .digest('hex');
}

/** The manifest of the kubectl plugin for krew (https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/). */
export function makeKrewManifest(plan: Plan, homepage: string): Artefact {
  const platforms = ARCHES.map((arch) => {
    const archive = `k8s-run-${plan.version}-linux-${arch}.tar.gz`;
    return {
      // By Go's names, which are Debian's as well.
      selector: { matchLabels: { os: 'linux', arch: DEBIAN[arch].name } },
      uri: `${homepage}/releases/download/v${plan.version}/${archive}`,
      sha256: sumOf(plan, archive),
      bin: 'k8s-run/bin/k8s-run',
    };
  });
  const manifest = {
    apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
    kind: 'Plugin',
    metadata: { name: 'k8s-run' },
    spec: {
      version: `v${plan.version}`,
      homepage,
      shortDescription: 'Find what loses requests in a rollout',
      description: DESCRIPTION,
      caveats: CAVEATS,
      platforms,
    },
  };
  writeFileSync(`${plan.out}/${NAME}`, stringify(manifest, { lineWidth: 0 }));
  return { name: NAME, check: () => checkKrewManifest(plan) };
}

/** As krew does it: the sum, unpack, and a link with kubectl's name to `bin`. */
function checkKrewManifest(plan: Plan): string {
  const { spec }: Manifest = parse(readFileSync(`${plan.out}/${NAME}`, 'utf8'));
  for (const [at, arch] of ARCHES.entries()) {
    const { uri = '', sha256, bin = '' } = spec.platforms[at] ?? {};
    const archive = uri.slice(uri.lastIndexOf('/') + 1);
    if (sumOf(plan, archive) !== sha256) throw new Error(`${NAME} has another sum than ${archive}`);
    if (arch !== here) continue;
    const folder = unpack(plan, `${plan.out}/${archive}`);
    mkdirSync(`${folder}/krew`);
    symlinkSync(`${folder}/${bin}`, `${folder}/krew/kubectl-k8s_run`);
    saysVersion(`${folder}/krew/kubectl-k8s_run`, [], plan.version);
    rmSync(folder, { recursive: true });
  }
  return 'sums agree, runs as kubectl-k8s_run';
}

const DESCRIPTION = `kubectl k8s-run check finds in manifests what loses requests when pods are replaced: probes, graces, signals and disruption budgets that do not fit.
kubectl k8s-run inject puts k8s-run in front of the apps of a manifest, whose images stay as they are, so that a rolling update fails no new connection.
kubectl k8s-run rehearse plays a rolling update of an app on this machine, and reports the requests that failed.
`;
const CAVEATS = `To complete its words with kubectl 1.26 or newer:
  ln -s ~/.krew/bin/kubectl-k8s_run ~/.krew/bin/kubectl_complete-k8s_run
`;
