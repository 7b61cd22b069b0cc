import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { until } from '../rig/deadline.ts';
import { documentedProbes } from '../rig/documented-probes.ts';
import { EXAMPLES } from '../rig/example.ts';
import { makeExample, makeNodeImage, NODE_IMAGE, noNpm, removeImages } from './images.ts';
import { noContainers, podman, runImage } from './podman.ts';

/** As the manifests of the examples have it. */
const RESTRICTED = ['--read-only', '--cap-drop=all', '--security-opt', 'no-new-privileges'];
const QUICK = ['--env', 'K8S_RUN_SHUTDOWN_DELAY=300ms'];

/** Those whose Dockerfile asks for nothing from outside: how they are run, and the exit code that their README promises. */
const BUILT: Readonly<Record<string, { code: number; words?: readonly string[]; skip?: string | false }>> = {
  'node-abrupt': { code: 143, words: QUICK },
  'node-graceful': { code: 0, words: QUICK },
  'node-resize': { code: 0, words: QUICK },
  'config-file': {
    code: 143,
    words: [
      ...QUICK,
      '--volume',
      `${join(EXAMPLES, 'config-file/k8s-run.yaml')}:/etc/k8s-run/k8s-run.yaml:ro`,
      ...['--env', 'K8S_RUN_CONFIG=/etc/k8s-run/k8s-run.yaml'],
    ],
  },
  shell: { code: 143, words: QUICK },
  'npm-start': { code: 143, words: QUICK, skip: noNpm() },
  worker: { code: 0 },
  cron: { code: 75, words: ['--env', 'STEP_SECONDS=1000'] },
};

describe('the images of the Dockerfiles', { skip: noContainers() }, () => {
  before(makeNodeImage);
  after(() => removeImages(Object.keys(BUILT)));

  test('the documented commands for exec probes and HEALTHCHECK work in the image, by their path and on the PATH', async () => {
    const commands = documentedProbes();
    assert.ok(commands.length > 0);
    await using box = runImage(NODE_IMAGE, RESTRICTED, ['--ready', 'none', '--', 'sleep', '1000']);
    await box.line('ready');
    for (const words of commands) assert.equal(await box.exec(...words), 'ok\n', words.join(' '));
    assert.equal(await box.exec('k8s-run', 'probe', 'ready'), 'ok\n');
    await podman('stop', '--time', '30', box.name);
    assert.equal(await box.code(), 143, box.output());
  });

  for (const [name, { code, words = [], skip = false }] of Object.entries(BUILT)) {
    test(`the image of examples/${name} becomes ready and ends as its README says`, { skip }, async () => {
      const image = await makeExample(name);
      await using box = runImage(image, [...RESTRICTED, ...words]);
      await box.line('ready');
      // A job is under way, and its script has set its trap.
      if (name === 'cron') await until('its first step', () => box.output().includes('step 1'), box.output);
      await podman('stop', '--time', '30', box.name);
      assert.equal(await box.code(), code, box.output());
      const events = box.lines().map(({ event }) => event);
      assert.ok(!events.includes('killing') && !events.includes('mistake'), box.output());
    });
  }
});
