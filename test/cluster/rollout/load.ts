import type { Range } from '../../../src/rehearse/random.ts';
import type { Kind, Work } from '../../rig/rollout/load/kinds.ts';
import { LOAD_ENVIRONMENT, type LoadCounts, type Plan } from '../../rig/rollout/load/load.ts';
import type { Protocol } from '../../rig/rollout/load/requests.ts';
import { apply, eventually, kube, podReady } from '../cluster.ts';
import { NODE_IMAGE } from '../images.ts';
import { type Following, follow } from '../kubectl.ts';
import { bare, NAMESPACE_WORDS, pod, podSpec } from '../manifests.ts';

/** Requests a second, 200 in all. */
export const PER_SECOND: Readonly<Record<Kind, number>> = {
  new: 100,
  'kept-alive': 60,
  slow: 10,
  upload: 8,
  events: 8,
  websocket: 8,
  long: 6,
};

/** Half of it where each connection begins with a handshake: two processors cannot make more beside a cluster. */
const perSecondBy = (protocol: Protocol): Readonly<Record<Kind, number>> =>
  protocol === 'http'
    ? PER_SECOND
    : { new: 50, 'kept-alive': 30, slow: 5, upload: 4, events: 4, websocket: 4, long: 3 };

/** Milliseconds. Everything is shorter than the limit of the drain, but the long streams. */
export const WORK: Work = {
  ordinary: 25,
  slow: [1_000, 3_000],
  upload: 1_500,
  stream: [500, 9_500],
  long: [10_000, 20_000],
  every: 2_000,
};

/** New connections use each of these ports once; kept ones and WebSockets have the kernel's choice of the others. */
const FROM: Range = [2_000, 49_999];
const KERNELS_CHOICE = '50000 65535';

/** A load on a Service, from a pod of its own, that is: from an address that nobody had. Disposing deletes it. */
export type Load = AsyncDisposable & {
  readonly look: () => Promise<LoadCounts>;
  /** Ends it, once what is under way has come to an end. */
  readonly stop: () => Promise<LoadCounts>;
};

export async function startLoad(
  service: string,
  protocol: Protocol,
  perSecond: Readonly<Record<Kind, number>> = perSecondBy(protocol),
): Promise<Load> {
  const name = `load-${service}`;
  const sysctls = [{ name: 'net.ipv4.ip_local_port_range', value: KERNELS_CHOICE }];
  const env = Object.entries(LOAD_ENVIRONMENT).map(([name, value]) => ({ name, value }));
  const spec = podSpec([bare(NODE_IMAGE, ['sleep', '100000'], { env })], { securityContext: { sysctls } });
  await apply(pod(name, spec));
  await podReady(name);
  const host = (await kube(['get', 'service', service, '-o', 'jsonpath={.spec.clusterIP}'])).trim();
  const plan: Plan = {
    host,
    port: 80,
    protocol,
    seed: service,
    perSecond,
    work: WORK,
    from: FROM,
  };
  const words = ['exec', '-i', name, '--', 'node', '/app/test/cluster/load-pod.ts', JSON.stringify(plan)];
  const running = follow([...NAMESPACE_WORDS, ...words]);
  await eventually('the load has begun', () => answers(running).length > 0, running.text);
  const ask = async (what: 'look' | 'stop'): Promise<LoadCounts> => {
    const before = answers(running).length;
    running.say(what);
    return eventually(`an answer to ${what}`, () => answers(running)[before] as LoadCounts | undefined, running.text);
  };
  return {
    look: () => ask('look'),
    stop: () => ask('stop'),
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      await kube(['delete', 'pod', name, '--grace-period=0', '--force', '--wait=false']);
    },
  };
}

function answers(running: Following): readonly unknown[] {
  const whole = running.text().split('\n').slice(0, -1);
  return whole.filter((line) => /^["{]/.test(line)).map((line) => JSON.parse(line));
}

/** One request of the Service, from a pod in the cluster: new pods are ready before every node knows the way to them. */
export async function serves(service: string, fromPod: string, protocol: Protocol): Promise<boolean> {
  const url = `${protocol === 'http' ? 'http' : 'https'}://`;
  const port = protocol === 'http' ? '' : ':80';
  // The certificate is self-signed.
  const ask = `process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; fetch('${url}' + process.argv[1] + '${port}/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))`;
  const host = (await kube(['get', 'service', service, '-o', 'jsonpath={.spec.clusterIP}'])).trim();
  return kube(['exec', fromPod, '--', 'node', '--eval', ask, host]).then(
    () => true,
    () => false,
  );
}
