import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PLACE } from '../../bundle/roots.ts';
import { EXAMPLES } from '../../rig/example.ts';
import { built, type Document, manifestsOf, podSpecOf } from '../../system/examples/built.ts';
import { allOver, apply, eventually, isReady, kube, kubernetesVersion, podsOf } from '../cluster.ts';
import { NODE_IMAGE } from '../images.ts';
import { type Manifest, NAMESPACE } from '../manifests.ts';
import { listen } from '../running.ts';

/** batch/v1 has CronJobs since then. */
const CRON_JOBS_SINCE = 21;
const NAMES = readdirSync(EXAMPLES).filter((name) => existsSync(join(EXAMPLES, name, 'kubernetes.yaml')));

async function documentsOf(name: string): Promise<readonly Document[]> {
  const { minor } = await kubernetesVersion();
  return manifestsOf(name).map((document) =>
    document.kind === 'CronJob' && minor < CRON_JOBS_SINCE ? { ...document, apiVersion: 'batch/v1beta1' } : document,
  );
}

test('the API server accepts the manifests of every example', async () => {
  const all = (await Promise.all(NAMES.map(documentsOf))).flat();
  assert.ok(all.length > NAMES.length);
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: all });
  const answer = await kube(['apply', '--dry-run=server', '-f', '-'], list);
  assert.equal(answer.match(/\(server dry run\)/g)?.length, all.length, answer);
});

/** An example's manifests as they are, but with the image of this suite, in which all of them lie. */
async function placed(name: string): Promise<readonly Manifest[]> {
  const { env, command } = built(name);
  const place = `/app/examples/${name}`;
  const fromImage = Object.entries(env).map(([variable, value]) => ({ name: variable, value }));
  return (await documentsOf(name)).map((document) => {
    const pod = podSpecOf(document);
    if (pod === null) return document;
    const containers = pod.containers.map((container) => ({
      ...container,
      image: NODE_IMAGE,
      imagePullPolicy: 'Never',
      workingDir: place,
      command: [`${PLACE}/bin/k8s-run`, '--'],
      args: (container.args ?? command).map((word) => word.replace(/^\/(app\/|(?=server$))/, `${place}/`)),
      env: [...fromImage, ...(container.env ?? [])],
    }));
    return JSON.parse(JSON.stringify(document).replace(JSON.stringify(pod.containers), JSON.stringify(containers)));
  });
}

/** Those whose program is in the image, and the exit code that their README promises. */
const CODES: Readonly<Record<string, number>> = {
  'node-abrupt': 143,
  'node-graceful': 0,
  'node-resize': 0,
  'config-file': 143,
  express: 143,
  shell: 143,
  static: 0,
  worker: 0,
};

for (const [name, code] of Object.entries(CODES)) {
  const isMissing = name === 'express' && !existsSync(join(EXAMPLES, 'express/node_modules'));
  test(`examples/${name}: its Deployment becomes ready, and its pods exit with ${code}`, {
    skip: isMissing ? 'npm ci --prefix examples/express was not run' : false,
  }, async () => {
    if (name === 'config-file') {
      await kube(['create', 'configmap', name, '--from-file', join(EXAMPLES, name, 'k8s-run.yaml')]);
    }
    await apply(...(await placed(name)));
    await eventually(
      `both pods of ${name} are ready`,
      async () => (await podsOf(name)).filter(isReady).length === 2,
      () => kube(['describe', 'pods', '-l', `app=${name}`]),
    );
    const [first] = await podsOf(name);
    const pod = first?.metadata.name ?? '';
    await using log = listen(pod, name);
    await kube(['delete', 'deployment', name, '--wait=false']);
    assert.equal((await log.line('exited'))['code'], code);
    await allOver(`app=${name}`, [pod]);
  });
}

test('examples/cron: a Job of its CronJob completes', async () => {
  await apply(...(await placed('cron')));
  await kube(['create', 'job', 'cron-now', '--from=cronjob/cron']);
  await eventually('the Job is complete', async () => {
    const { status } = JSON.parse(await kube(['--namespace', NAMESPACE, 'get', 'job', 'cron-now', '-o', 'json']));
    return status.succeeded === 1;
  });
  await kube(['delete', 'cronjob', 'cron']);
});
