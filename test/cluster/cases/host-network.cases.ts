import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linesOf } from '../../rig/supervised.ts';
import { eventually, oweNamespace } from '../cluster.ts';
import { NODE_IMAGE } from '../images.ts';
import { kubectl } from '../kubectl.ts';
import { NAMESPACE, pod, podSpec, probes, wrapped } from '../manifests.ts';

/** Below the ports that a cluster gives to Services of type NodePort. */
const [APP_PORT, HEALTH_PORT] = [21_873, 21_874];
const POD = 'host-network';

test("on the host's network a pod works with a health port and an app port that are free on the node", async () => {
  // The standard "restricted" has no pods like this.
  const namespace = `${NAMESPACE}-host`;
  const kube = (...words: readonly string[]): Promise<string> => kubectl(['--namespace', namespace, ...words]);
  await using _ = await oweNamespace(namespace, 'privileged');
  const container = wrapped(
    NODE_IMAGE,
    ['--shutdown-delay', '1s', '--health-port', String(HEALTH_PORT)],
    ['node', '/app/test/rig/rollout/app.js', 'drains'],
    { env: [{ name: 'PORT', value: String(APP_PORT) }], ...probes(HEALTH_PORT) },
  );
  const manifest = pod(POD, podSpec([container], { hostNetwork: true }), namespace);
  await kubectl(['apply', '-f', '-'], JSON.stringify(manifest));
  await kube('wait', '--for=condition=Ready', `pod/${POD}`, '--timeout=100s');
  const log = kube('logs', '--follow', POD);
  await kube('delete', 'pod', POD, '--wait=false');
  const exited = linesOf(await log).find(({ event }) => event === 'exited');
  assert.equal(exited?.['code'], 0);
  await eventually('the pod is gone', async () => (await kube('get', 'pod', POD, '--ignore-not-found')) === '');
});
