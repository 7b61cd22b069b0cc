import { randomBytes } from 'node:crypto';
import { PLACE } from '../bundle/roots.ts';

/** All that a run makes is in this namespace, and goes with it. */
export const NAMESPACE: string = `k8s-run-test-${randomBytes(3).toString('hex')}`;
export const NAMESPACE_WORDS: readonly string[] = ['--namespace', NAMESPACE];

/** Written as JSON, which is YAML. */
export type Manifest = Readonly<Record<string, unknown>>;

/** What the cases read of a pod. */
export type PodNow = {
  readonly metadata: { readonly name: string; readonly creationTimestamp: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly nodeName?: string };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly reason?: string;
    readonly conditions?: readonly { type: string; status: string; lastTransitionTime: string }[];
    readonly containerStatuses?: readonly ContainerNow[];
    readonly initContainerStatuses?: readonly ContainerNow[];
  };
};
export type ContainerNow = {
  readonly name: string;
  readonly ready: boolean;
  readonly started?: boolean;
  readonly restartCount: number;
  readonly state: States;
  readonly lastState: States;
};
export type States = { readonly running?: object; readonly waiting?: object; readonly terminated?: Terminated };
export type Terminated = { readonly exitCode: number; readonly reason?: string; readonly message?: string };

export const HEALTH_PORT = 20_080;

/** What the Pod Security Standard "restricted" asks for, and a read-only root. */
const RESTRICTED: Manifest = {
  runAsNonRoot: true,
  runAsUser: 1_000,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

const ask = (path: string, port: number, rest: Manifest): Manifest => ({ httpGet: { path, port }, ...rest });

/** The three probes of docs/how-to/kubernetes.md, here with a shorter way to a restart. */
export const probes = (port: number = HEALTH_PORT): Manifest => ({
  startupProbe: ask('/startupz', port, { periodSeconds: 1, failureThreshold: 60 }),
  readinessProbe: ask('/readyz', port, { periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 2 }),
  livenessProbe: ask('/livez', port, { periodSeconds: 2, failureThreshold: 3, timeoutSeconds: 2 }),
});

/** A container with k8s-run in front of its command. */
export function wrapped(
  image: string,
  options: readonly string[],
  command: readonly string[],
  rest: Manifest = {},
): Manifest {
  return {
    name: 'app',
    image,
    imagePullPolicy: 'Never',
    command: [`${PLACE}/bin/k8s-run`, ...options, '--', ...command],
    securityContext: RESTRICTED,
    ...probes(),
    ...rest,
  };
}

/** One without it. */
export function bare(image: string, command: readonly string[], rest: Manifest = {}): Manifest {
  return { name: 'app', image, imagePullPolicy: 'Never', command, securityContext: RESTRICTED, ...rest };
}

export const podSpec = (containers: readonly Manifest[], rest: Manifest = {}): Manifest => ({
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  terminationGracePeriodSeconds: 30,
  containers,
  ...rest,
});

const metadata = (name: string, namespace = NAMESPACE): Manifest => ({ name, namespace, labels: { app: name } });

export const pod = (name: string, spec: Manifest, namespace: string = NAMESPACE): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: metadata(name, namespace),
  spec,
});

export const workload = (
  kind: 'Deployment' | 'StatefulSet',
  name: string,
  replicas: number,
  spec: Manifest,
): Manifest => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: metadata(name),
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    ...(kind === 'Deployment'
      ? { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }
      : { serviceName: name }),
    template: { metadata: { labels: { app: name } }, spec },
  },
});

export const service = (name: string, targetPort: number): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: metadata(name),
  spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort }] },
});
