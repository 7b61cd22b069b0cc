import { rmSync } from 'node:fs';
import { saysVersion } from './archive.ts';
import { type Artefact, type Plan, ROOT, run } from './plan.ts';

/** What npm wants to publish with provenance (https://docs.npmjs.com/generating-provenance-statements). */
type Manifest = {
  readonly repository?: { readonly url?: string };
  readonly publishConfig?: { readonly access?: string; readonly provenance?: boolean };
  readonly private?: boolean;
};

/** The package as `npm pack` makes it from dist/, which is built. */
export function makePackage(plan: Plan): Artefact {
  // Beside it, not npm's node of devDependencies: npm is the machine's own.
  run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', plan.out], { cwd: ROOT });
  const name = `k8s-run-${plan.version}.tgz`;
  return { name, check: () => checkPackage(plan, name) };
}

function checkPackage(plan: Plan, name: string): string {
  const manifest = JSON.parse(run('tar', ['-xOf', `${plan.out}/${name}`, 'package/package.json'])) as Manifest;
  const { repository, publishConfig } = manifest;
  if (manifest.private === true) throw new Error('package.json is private: npm would not publish it');
  if (!/^git\+https:\/\/github\.com\/[\w-]+\/[\w-]+\.git$/.test(repository?.url ?? ''))
    throw new Error('package.json has no repository.url of GitHub, with which npm compares the provenance');
  if (publishConfig?.access !== 'public' || publishConfig.provenance !== true)
    throw new Error('package.json has not publishConfig.access public and publishConfig.provenance true');
  const prefix = `${plan.scratch}/npm`;
  rmSync(prefix, { recursive: true, force: true });
  const words = ['install', '--global', '--prefix', prefix, '--no-audit', '--no-fund', '--silent', '--offline'];
  run('npm', [...words, `${plan.out}/${name}`], { cwd: plan.out });
  const said = saysVersion(`${prefix}/bin/k8s-run`, [], plan.version);
  saysVersion(`${prefix}/bin/kubectl-k8s_run`, [], plan.version);
  rmSync(prefix, { recursive: true });
  return said.replace('unpacked', `installed by npm with Node ${process.version.slice(1)}`);
}
