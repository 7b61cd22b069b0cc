import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { PLACE } from '../../bundle/roots.ts';
import { BIN, cleanEnvironment } from '../../rig/supervised.ts';
import { allOver, eventually, isReady, kube, kubernetesVersion, podsWith } from '../cluster.ts';
import { NODE_IMAGE } from '../images.ts';
import { listen } from '../running.ts';

/** policy/v1 is there since then. */
const BUDGETS_SINCE = 21;
/** Unknown fields are refused by the server itself: KEP-2885. */
const STRICT_SINCE = 27;
const NAME = 'written';
const APP = ['sh', '-c', 'PORT=8080 exec node /app/test/rig/rollout/app.js drains'];

test('a Deployment that `k8s-run manifest` prints becomes ready, serves, and shuts down in order', async () => {
  const words = [
    '--name',
    NAME,
    '--image',
    NODE_IMAGE,
    '--entrypoint',
    `${PLACE}/bin/k8s-run`,
    '--drain-connections',
    '5s',
  ];
  const yaml = execFileSync(process.execPath, [BIN, 'manifest', ...words, '--', ...APP], {
    env: cleanEnvironment(),
    encoding: 'utf8',
  });
  const { minor } = await kubernetesVersion();
  const documents = parseAllDocuments(yaml)
    .map((document) => document.toJS() as { readonly kind: string })
    .filter(({ kind }) => kind !== 'PodDisruptionBudget' || minor >= BUDGETS_SINCE);
  assert.ok(documents.length >= 2);
  // An older API server does not know every field, and leaves them out; a newer one says which it does not know.
  const validate = minor >= STRICT_SINCE ? '--validate=strict' : '--validate=false';
  await kube(['apply', validate, '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: documents }));
  const selector = `app.kubernetes.io/name=${NAME}`;
  const pods = () => podsWith(selector);
  await eventually(
    'both pods are ready',
    async () => (await pods()).filter(isReady).length === 2,
    () => kube(['describe', 'pods', '-l', selector]),
  );
  const pod = (await pods())[0]?.metadata.name ?? '';
  await using log = listen(pod, NAME);
  await kube(['delete', 'deployment', NAME, '--wait=false']);
  assert.equal((await log.line('exited'))['code'], 0);
  await allOver(selector, [pod]);
});
