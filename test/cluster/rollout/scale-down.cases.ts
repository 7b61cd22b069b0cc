import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allOver, apply, kube, podsOf } from '../cluster.ts';
import { service, workload } from '../manifests.ts';
import { allReady, loadOnceServing } from './cell.ts';
import { APP_PORT, podOf, protocolOf } from './contenders.ts';

/** Milliseconds of load before and after. */
const SETTLE = 3_000;
const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, SETTLE));

test('when an autoscaler scales from four pods to one under load, no new connection, slow response or upload fails', async () => {
  const name = 'scaled';
  const spec = podOf('k8s-run', 'dies');
  await using _ = {
    [Symbol.asyncDispose]: async () =>
      void (await kube(['delete', `deployment/${name}`, `service/${name}`, '--wait=false'])),
  };
  await apply(service(name, APP_PORT), workload('Deployment', name, 4, spec));
  await allReady(name, 4);
  await using load = await loadOnceServing(name, protocolOf('k8s-run'));
  await quiet();
  const before = (await podsOf(name)).map(({ metadata }) => metadata.name);
  await kube(['scale', 'deployment', name, '--replicas=1']);
  await allReady(name, 1);
  const left = (await podsOf(name)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const gone = before.filter((pod) => !left.some(({ metadata }) => metadata.name === pod));
  assert.equal(gone.length, 3);
  await allOver(`app=${name}`, gone);
  await quiet();
  const counts = await load.stop();
  for (const kind of ['new', 'slow', 'upload'] as const) {
    assert.deepEqual([counts[kind].failed, counts[kind].own], [{}, {}], kind);
    assert.ok(counts[kind].made > 0);
  }
});
