import assert from 'node:assert/strict';
import { parseAllDocuments } from 'yaml';
import { type Finished, finishWords } from '../../rig/finished.ts';
import { cleanEnvironment } from '../../rig/supervised.ts';

type Probe = {
  readonly httpGet: { readonly path: string; readonly port: string | number };
  readonly exec: { readonly command: readonly string[] };
};
type Variable = {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
};
export type Container = {
  readonly name: string;
  readonly command?: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly Variable[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly securityContext: { readonly allowPrivilegeEscalation: boolean; readonly capabilities: unknown };
  readonly startupProbe: Probe;
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
};
export type Pod = {
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: unknown;
  readonly containers: readonly Container[];
  readonly volumes: readonly { readonly name: string; readonly configMap?: { readonly name: string } }[];
};
/** The fields that the tests read. schema.test.ts validates the whole manifest against the published schemas. */
export type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec: {
    readonly selector: unknown;
    readonly strategy: { readonly rollingUpdate: unknown };
    readonly ports: readonly [{ readonly targetPort: string; readonly appProtocol?: string }];
    readonly template: { readonly metadata: { readonly labels: unknown }; readonly spec: Pod };
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

export function podOf(deployment: Manifest | undefined): Pod {
  assert.equal(deployment?.kind, 'Deployment');
  return deployment.spec.template.spec;
}
