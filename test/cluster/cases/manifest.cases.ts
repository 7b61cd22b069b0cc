import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { PLACE } from '../../bundle/roots.ts';
import { BIN, cleanEnvironment } from '../../rig/supervised.ts';
import { OPTION_LISTS } from '../../system/manifest/option-lists.ts';
import { allOver, eventually, isReady, kube, kubernetesVersion, podsWith } from '../cluster.ts';
import { NODE_IMAGE } from '../images.ts';
import { listen } from '../running.ts';

/** Unknown fields are refused by the server itself since then: KEP-2885. */
const STRICT_SINCE = 27;
const APP = ['sh', '-c', 'PORT=8080 exec node /app/test/rig/rollout/app.js drains'];
/** Of the image that has all, and an ENTRYPOINT of its own. */
const OF_IMAGE = ['--image', NODE_IMAGE, '--entrypoint', `${PLACE}/bin/k8s-run`];

/** What `k8s-run manifest` prints. */
function printed(options: readonly string[], command: readonly string[] = APP): string {
  return execFileSync(process.execPath, [BIN, 'manifest', ...options, '--', ...command], {
    env: cleanEnvironment(),
    encoding: 'utf8',
  });
}

type Printed = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec?: Readonly<Record<string, unknown>>;
};

/** The APIs that an older cluster has under another version, and the last minor version that has only that. */
const OLDER: Readonly<Record<string, readonly [last: number, apiVersion: string]>> = {
  CronJob: [20, 'batch/v1beta1'],
  PodDisruptionBudget: [20, 'policy/v1beta1'],
  HorizontalPodAutoscaler: [22, 'autoscaling/v2beta2'],
};
/** The update of a DaemonSet can add a pod since 1.22; before, none may be missing is a contradiction. */
const SURGE_SINCE = 22;

/** The objects as this cluster has their APIs; those of the Prometheus operator are left out. */
function objectsFor(minor: number, yaml: string): readonly Printed[] {
  return parseAllDocuments(yaml)
    .map((document): Printed => document.toJS())
    .filter(({ kind }) => kind !== 'PodMonitor')
    .map((object) => {
      const [last = 0, apiVersion = ''] = OLDER[object.kind] ?? [];
      return minor <= last ? { ...object, apiVersion } : object;
    })
    .map((object) =>
      object.kind === 'DaemonSet' && minor < SURGE_SINCE
        ? { ...object, spec: { ...object.spec, updateStrategy: { type: 'RollingUpdate' } } }
        : object,
    );
}

/** Applies them. An older API server does not know every field, and leaves them out; a newer one says which it does not know. */
async function applyPrinted(yaml: string, ...words: readonly string[]): Promise<void> {
  const { minor } = await kubernetesVersion();
  const validate = minor >= STRICT_SINCE ? '--validate=strict' : '--validate=false';
  const list = { apiVersion: 'v1', kind: 'List', items: objectsFor(minor, yaml) };
  await kube(['apply', validate, ...words, '-f', '-'], JSON.stringify(list));
}

const selectorOf = (name: string): string => `app.kubernetes.io/name=${name}`;

/** Waits until so many pods of this name are ready. */
async function readyPods(name: string, count: number): Promise<readonly string[]> {
  const selector = selectorOf(name);
  await eventually(
    `${count} pods of ${name} are ready`,
    async () => (await podsWith(selector)).filter(isReady).length === count,
    () => kube(['describe', 'pods', '-l', selector]),
  );
  return (await podsWith(selector)).map(({ metadata }) => metadata.name);
}

/** Deletes a workload, and waits until its pods have exited with 0 in order. */
async function endsInOrder(kind: string, name: string, pods: readonly string[]): Promise<void> {
  await using log = listen(pods[0] ?? '', name);
  await kube(['delete', kind, name, '--wait=false']);
  assert.equal((await log.line('exited'))['code'], 0);
  await allOver(selectorOf(name), pods);
}

test('a Deployment that `k8s-run manifest` prints becomes ready, serves, and shuts down in order', async () => {
  const name = 'written';
  await applyPrinted(printed(['--name', name, ...OF_IMAGE, '--drain-connections', '5s', '--network-policy']));
  await endsInOrder('deployment', name, await readyPods(name, 2));
});

test('a StatefulSet that `k8s-run manifest` prints has the pods that its headless Service names', async () => {
  const name = 'written-set';
  await applyPrinted(printed(['--name', name, '--kind', 'statefulset', ...OF_IMAGE, '--shutdown-delay', '1s']));
  const pods = await readyPods(name, 2);
  assert.deepEqual([...pods].sort(), [`${name}-0`, `${name}-1`]);
  const endpoints = JSON.parse(await kube(['get', 'endpoints', `${name}-headless`, '-o', 'json']));
  const named = endpoints.subsets[0].addresses.map(({ hostname }: { hostname: string }) => hostname).sort();
  assert.deepEqual(named, [...pods].sort());
  await endsInOrder('statefulset', name, pods);
});

test('a DaemonSet that `k8s-run manifest` prints has a ready pod on each node that takes it', async () => {
  const name = 'written-daemon';
  await applyPrinted(printed(['--name', name, '--kind', 'daemonset', ...OF_IMAGE, '--shutdown-delay', '1s']));
  const { status } = await eventually('its pods are ready', async () => {
    const set = JSON.parse(await kube(['get', 'daemonset', name, '-o', 'json']));
    return set.status.desiredNumberScheduled > 0 && set.status.numberReady === set.status.desiredNumberScheduled && set;
  });
  await endsInOrder('daemonset', name, await readyPods(name, status.numberReady));
});

test('a Job that `k8s-run manifest` prints is complete, though its app listens on nothing and takes its time', async () => {
  const name = 'written-job';
  await applyPrinted(printed(['--name', name, '--kind', 'job', ...OF_IMAGE], ['sh', '-c', 'sleep 5']));
  const job = await eventually('it is complete', async () => {
    const { status } = JSON.parse(await kube(['get', 'job', name, '-o', 'json']));
    return (status.succeeded === 1 || status.failed > 0) && status;
  });
  assert.equal(job.failed ?? 0, 0);
});

test('a CronJob that `k8s-run manifest` prints makes Jobs that run', async () => {
  const name = 'written-cron';
  const options = ['--name', name, '--kind', 'cronjob', '--schedule', '0 0 1 1 *', ...OF_IMAGE];
  await applyPrinted(printed(options, ['sh', '-c', 'exit 0']));
  await kube(['create', 'job', `${name}-now`, `--from=cronjob/${name}`]);
  await eventually('its Job is complete', async () => {
    const { status } = JSON.parse(await kube(['get', 'job', `${name}-now`, '-o', 'json']));
    return status.succeeded === 1;
  });
});

test('a pod gets the variables of the ConfigMap that the manifest mounts for --env-dir', async () => {
  const name = 'written-env';
  await kube(['create', 'configmap', `${name}-config`, '--from-literal=GREETING=good day']);
  const options = ['--name', name, '--kind', 'job', ...OF_IMAGE, '--env-dir', '/etc/config', '--env', 'TO=you $(HOME)'];
  await applyPrinted(printed(options, ['sh', '-c', 'echo "$GREETING to $TO"']));
  const log = await eventually('it has said so', async () => {
    const text = await kube(['logs', '-l', selectorOf(name)]);
    return text.includes('good day') && text;
  });
  assert.match(log, /good day to you \$\(HOME\)/);
});

test('kubectl reads the control characters of a manifest as they were given', async () => {
  const name = 'written-odd';
  const words = [
    '\u0007',
    '\u001b[1m',
    '\u007f',
    '\u0085',
    '\u009f',
    '\u2028',
    '\ufeffx',
    '\uffff',
    'a\r\nb\n',
    '\t',
    '🙂',
  ];
  const yaml = printed(['--name', name, '--kind', 'job', ...OF_IMAGE], ['true', ...words]);
  await kube(['create', '--validate=false', '-f', '-'], yaml);
  const job = JSON.parse(await kube(['get', 'job', name, '-o', 'json']));
  assert.deepEqual(job.spec.template.spec.containers[0].args, ['true', ...words]);
  await kube(['delete', 'job', name, '--wait=false']);
});

test('the API server takes all that `k8s-run manifest` prints', async (context: TestContext) => {
  for (const [index, options] of OPTION_LISTS.entries()) {
    const inOne = options.filter((word) => word !== '--namespace' && word !== 'shop');
    await context.test(options.join(' ') || 'without options', () =>
      applyPrinted(printed(['--name', `dry-${index}`, ...inOne]), '--dry-run=server'),
    );
  }
});
