import { spawnSync } from 'node:child_process';
import { after, before, describe } from 'node:test';
import { closeNamespace, openNamespace } from './cluster.ts';
import { effort, USAGE } from './effort.ts';
import { tell } from './result.ts';

const load = process.env['K8S_RUN_E2E_LOAD_IMAGE'];

/** Why there is no cluster to run on; null when there is one. */
function lacking(): string | null {
  if (!process.env['KUBECONFIG']) return 'KUBECONFIG must name a cluster';
  if (!load) {
    return 'K8S_RUN_E2E_LOAD_IMAGE must be the command that loads an archive of images, such as "kind load image-archive"';
  }
  const asked = spawnSync('kubectl', ['get', '--raw', '/readyz'], { encoding: 'utf8', timeout: 30_000 });
  if (asked.error !== undefined) return `kubectl cannot be run: ${asked.error.message}`;
  return asked.status === 0 ? null : `the cluster does not answer: ${asked.stderr.trim()}`;
}

if (effort.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const reason = lacking();
if (reason !== null || !load) {
  process.stderr.write(`cannot run on a cluster: ${reason}\n`);
  process.exit(64);
}
// Says what is missing, if the folder is.
const { loadImages } = await import('./images.ts');

describe('on a cluster', { timeout: effort.limit }, () => {
  before(async () => {
    await openNamespace();
    await loadImages(load);
  });
  after(async () => {
    try {
      await tell();
    } finally {
      await closeNamespace();
    }
  });

  if (effort.cases) {
    describe('cases', { concurrency: 4 }, async () => {
      await import('./cases/probing.cases.ts');
      await import('./cases/endings.cases.ts');
      await import('./cases/surroundings.cases.ts');
      await import('./cases/sets.cases.ts');
      await import('./cases/manifest.cases.ts');
      await import('./cases/examples.cases.ts');
      await import('./cases/memory.cases.ts');
    });
  }
  if (effort.rollouts.dies > 0) {
    // When nothing else is on the cluster.
    describe('under load', async () => {
      await import('./rollout/scale-down.cases.ts');
      await import('./rollout/rollouts.cases.ts');
    });
  }
});
