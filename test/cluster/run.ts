import { after, before, describe } from 'node:test';
import { closeNamespace, leave, openNamespace } from './cluster.ts';
import { options, USAGE } from './options.ts';
import { missingPrerequisites } from './prerequisites.ts';
import { reportResults } from './result.ts';

if (options.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const load = process.env['K8S_RUN_TEST_LOAD_IMAGE'] ?? '';
const reasons = missingPrerequisites(load);
if (reasons.length > 0) {
  process.stderr.write(`cannot run on a cluster:\n${reasons.map((each) => `- ${each}\n`).join('')}`);
  process.exit(64);
}
// Says what is missing, if the folder is.
const { loadImages } = await import('./images.ts');

// The time limit of a suite does not end what hangs: this does.
setTimeout(() => leave(`Not over in ${options.limit / 60_000} minutes`, 1), options.limit).unref();

describe('on a cluster', { timeout: options.limit }, () => {
  before(async () => {
    await openNamespace();
    await loadImages(load);
  });
  after(async () => {
    try {
      await reportResults();
    } finally {
      await closeNamespace();
    }
  });

  if (options.cases) {
    describe('cases', { concurrency: 4 }, async () => {
      await import('./cases/probing.cases.ts');
      await import('./cases/exits.cases.ts');
      await import('./cases/grace.cases.ts');
      await import('./cases/environment.cases.ts');
      await import('./cases/host-network.cases.ts');
      await import('./cases/sets.cases.ts');
      await import('./cases/manifest.cases.ts');
      await import('./cases/check.cases.ts');
      await import('./cases/inject.cases.ts');
      await import('./cases/examples.cases.ts');
      await import('./cases/resize.cases.ts');
      await import('./cases/memory.cases.ts');
    });
  }
  if (options.rollouts.dies > 0) {
    // When nothing else is on the cluster.
    describe('under load', async () => {
      await import('./rollout/scale-down.cases.ts');
      await import('./rollout/rollouts.cases.ts');
    });
  }
});
