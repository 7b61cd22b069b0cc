import { spawnSync } from 'node:child_process';
import { after, before, describe } from 'node:test';
import { closeNamespace, openNamespace } from './cluster.ts';
import { loadImages } from './images.ts';

const load = process.env['K8S_RUN_E2E_LOAD_IMAGE'];

/** Why there is no cluster to run on; null when there is one. */
function lacking(): string | null {
  if (process.env['KUBECONFIG'] === undefined) return 'KUBECONFIG must name a cluster';
  if (load === undefined) {
    return 'K8S_RUN_E2E_LOAD_IMAGE must be the command that loads an archive of images, such as "kind load image-archive"';
  }
  const asked = spawnSync('kubectl', ['get', '--raw', '/readyz'], { encoding: 'utf8', timeout: 30_000 });
  if (asked.error !== undefined) return `kubectl cannot be run: ${asked.error.message}`;
  return asked.status === 0 ? null : `the cluster does not answer: ${asked.stderr.trim()}`;
}

const reason = lacking();
if (reason !== null || load === undefined) {
  process.stderr.write(`cannot run on a cluster: ${reason}\n`);
  process.exit(64);
}

describe('on a cluster', { timeout: 900_000 }, () => {
  before(async () => {
    await openNamespace();
    await loadImages(load);
  });
  after(closeNamespace);

  describe('cases', { concurrency: 4 }, async () => {
    await import('./cases/probing.cases.ts');
    await import('./cases/endings.cases.ts');
    await import('./cases/surroundings.cases.ts');
    await import('./cases/sets.cases.ts');
  });
});
