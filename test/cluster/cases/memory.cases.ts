import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apply, eventually, isReady, kube, podsOf } from '../cluster.ts';
import { SMALL_IMAGES } from '../images.ts';
import { kubectl } from '../kubectl.ts';
import { bare, type Manifest, NAMESPACE, podSpec, workload, wrapped } from '../manifests.ts';
import { measured } from '../options.ts';

const PODS = 4;
/** What one pod may cost more under k8s-run: it sets 24 MiB aside for itself (docs/how-to/limits.md), and has an HTTP probe here. */
const MOST = 24;
/** Milliseconds; k8s-run gives back what its start needed (docs/benchmarks.md), and the kubelet reads every 10 s or so. */
const SETTLED = 45_000;

type Summary = {
  readonly pods: readonly {
    readonly podRef: { readonly name: string; readonly namespace: string };
    readonly containers?: readonly {
      readonly memory?: { readonly workingSetBytes?: number; readonly rssBytes?: number };
    }[];
  }[];
};

/** MiB of the containers of one app, as the kubelet tells them. */
async function memoryOf(app: string, what: 'workingSetBytes' | 'rssBytes'): Promise<readonly number[]> {
  const pods = await podsOf(app);
  const nodes = [...new Set(pods.map(({ spec }) => spec.nodeName))];
  const names = new Set(pods.map(({ metadata }) => metadata.name));
  const summaries = await Promise.all(
    nodes.map(
      async (node) =>
        JSON.parse(await kubectl(['get', '--raw', `/api/v1/nodes/${node}/proxy/stats/summary`])) as Summary,
    ),
  );
  return summaries
    .flatMap(({ pods }) => pods)
    .filter(({ podRef }) => podRef.namespace === NAMESPACE && names.has(podRef.name))
    .flatMap(({ containers }) => containers?.flatMap(({ memory }) => memory?.[what] ?? []) ?? [])
    .map((bytes) => bytes / 2 ** 20);
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

test('one more pod under k8s-run costs no more memory than promised', async () => {
  const container: Readonly<Record<string, Manifest>> = {
    'costs-alone': bare(SMALL_IMAGES.slim, ['/app', '8080']),
    'costs-wrapped': wrapped(SMALL_IMAGES.slim, ['--ready', 'http://:8080/'], ['/app', '8080']),
  };
  for (const [name, each] of Object.entries(container)) {
    await apply(workload('Deployment', name, PODS, podSpec([each])));
  }
  for (const name of Object.keys(container)) {
    await eventually(`${name} is ready`, async () => (await podsOf(name)).filter(isReady).length === PODS);
  }
  await new Promise((resolve) => setTimeout(resolve, SETTLED));
  for (const what of ['rssBytes', 'workingSetBytes'] as const) {
    const [alone, under] = await Promise.all(
      ['costs-alone', 'costs-wrapped'].map(async (name) => median(await memoryOf(name, what))),
    );
    measured.memory[what] = { alone: alone ?? Number.NaN, wrapped: under ?? Number.NaN };
  }
  await kube(['delete', 'deployment', ...Object.keys(container), '--wait=false']);
  const { alone, wrapped: under } = measured.memory.rssBytes;
  assert.ok(under - alone < MOST, `${(under - alone).toFixed(1)} MiB for each pod, of ${MOST}`);
});
