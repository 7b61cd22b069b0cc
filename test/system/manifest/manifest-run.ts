import assert from 'node:assert/strict';
import { parseAllDocuments } from 'yaml';
import { type Finished, finishWords } from '../../rig/finished.ts';
import { cleanEnvironment } from '../../rig/supervised.ts';

export type Probe = {
  readonly httpGet: { readonly path: string; readonly port: string | number };
  readonly exec: { readonly command: readonly string[] };
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
};
type Variable = {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
};
type Port = { readonly name: string; readonly containerPort: number; readonly protocol?: string };
export type Container = {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly Variable[];
  readonly envFrom: unknown;
  readonly ports: readonly Port[];
  readonly resizePolicy: unknown;
  readonly securityContext: { readonly allowPrivilegeEscalation: boolean; readonly capabilities: unknown };
  readonly startupProbe: Probe;
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
  readonly resources: unknown;
  readonly terminationMessagePath?: string;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
};
type Volume = {
  readonly name: string;
  readonly configMap?: { readonly name: string };
  readonly secret?: { readonly secretName: string };
};
export type Pod = {
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: unknown;
  readonly restartPolicy?: string;
  readonly serviceAccountName?: string;
  readonly imagePullSecrets?: unknown;
  readonly topologySpreadConstraints?: unknown;
  readonly containers: readonly Container[];
  readonly volumes: readonly Volume[];
};
type Template = { readonly metadata: { readonly labels: unknown }; readonly spec: Pod };
type ServicePort = {
  readonly name: string;
  readonly port: number;
  readonly targetPort: string;
  readonly appProtocol?: string;
  readonly protocol?: string;
};
/** The fields that the tests read. schema.test.ts validates the whole manifest against the published schemas. */
export type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec: {
    readonly selector: unknown;
    readonly replicas?: number;
    readonly strategy: { readonly rollingUpdate: unknown };
    readonly updateStrategy?: unknown;
    readonly serviceName?: string;
    readonly clusterIP?: string;
    readonly ports: readonly ServicePort[];
    readonly template: Template;
    readonly jobTemplate: { readonly spec: { readonly template: Template } };
    readonly [field: string]: unknown;
  };
};

/** Runs `k8s-run manifest <options> -- <command>` to its end. */
export async function runManifest(
  options: readonly string[],
  command: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Finished> {
  const app = command.length === 0 ? [] : ['--', ...command];
  return finishWords(['manifest', ...options, ...app], { env: { ...cleanEnvironment(), ...env } });
}

/** The objects that it prints. */
export async function manifestsOf(...line: Parameters<typeof runManifest>): Promise<readonly Manifest[]> {
  const { code, stdout, stderr } = await runManifest(...line);
  assert.deepEqual([code, stderr], [0, '']);
  return parseAllDocuments(stdout).map((document) => document.toJS());
}

/** The one object of this kind. */
export function objectOf(manifests: readonly Manifest[], kind: string, name?: string): Manifest {
  const found = manifests.filter((each) => each.kind === kind && (name ?? each.metadata.name) === each.metadata.name);
  const [object] = found;
  assert.ok(object !== undefined && found.length === 1, `${found.length} objects of the kind ${kind}`);
  return object;
}

export function podOf(workload: Manifest | undefined): Pod {
  assert.ok(workload !== undefined && ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'].includes(workload.kind));
  return workload.spec.template.spec;
}

/** The container of the first workload that is printed. */
export async function containerOf(options: readonly string[], command: readonly string[] = ['x']): Promise<Container> {
  const manifests = await manifestsOf(options, command);
  const workload = manifests.find(({ spec }) => spec?.template !== undefined);
  const [container] = podOf(workload).containers;
  assert.ok(container !== undefined);
  return container;
}
