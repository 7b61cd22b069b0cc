import { stringify } from 'yaml';

export type ManifestFields = Readonly<Record<string, unknown>>;

/** Changes of a manifest without findings: other values for these fields, or undefined to remove one. */
export type ManifestChange = {
  readonly kind?: string;
  readonly spec?: ManifestFields;
  readonly pod?: ManifestFields;
  readonly container?: ManifestFields;
  readonly others?: readonly ManifestFields[];
};

export const probe = (path: string, port: number | string, more: object = {}): object => ({
  httpGet: { path, port },
  periodSeconds: 2,
  failureThreshold: 1,
  ...more,
});

/** A container with k8s-run and without findings. */
export const CONTAINER: ManifestFields = {
  name: 'web',
  image: 'web:1',
  command: ['/opt/k8s-run/bin/k8s-run', '--'],
  args: ['node', 'server.js'],
  ports: [{ name: 'http', containerPort: 8080 }],
  startupProbe: probe('/startupz', 20_080, { failureThreshold: 60 }),
  readinessProbe: probe('/readyz', 20_080),
  livenessProbe: probe('/livez', 20_080, { failureThreshold: 3 }),
  resources: { limits: { memory: '64Mi' } },
};

export const sleep = (seconds: number): object => ({ preStop: { sleep: { seconds } } });
export const k8sRun = (...options: readonly string[]): readonly string[] => ['k8s-run', ...options, '--'];
export const env = (name: string, value: unknown): ManifestFields => ({ env: [{ name, value }] });
/** A container without k8s-run. */
export const WITHOUT_K8S_RUN: ManifestFields = {
  command: undefined,
  startupProbe: undefined,
  readinessProbe: probe('/up', 8080),
  livenessProbe: undefined,
};

/** A manifest of this kind with the changes, as one document. */
export function manifestOf(
  name: string,
  { kind = 'Deployment', spec = {}, pod = {}, container = {}, others = [] }: ManifestChange,
): string {
  const containers = [{ ...CONTAINER, ...container }, ...others];
  const template = {
    metadata: { labels: { app: name } },
    spec: {
      terminationGracePeriodSeconds: 30,
      ...(kind.endsWith('Job') ? { restartPolicy: 'OnFailure' } : {}),
      ...pod,
      containers,
    },
  };
  const object = {
    apiVersion: kind.endsWith('Job') ? 'batch/v1' : 'apps/v1',
    kind,
    metadata: { name },
    spec: { replicas: 2, selector: { matchLabels: { app: name } }, template, ...spec },
  };
  // For kubectl, which reads `off` and `y` as strings only in quotes.
  return stringify(object, { compat: 'yaml-1.1' }).replaceAll('PLAIN-', '');
}

/** A word that manifestOf writes without quotes, whatever YAML makes of it. */
export function unquoted(word: string): string {
  return `PLAIN-${word}`;
}

/** A Service that selects the pods of the manifest with this name. */
export function serviceOf(name: string): string {
  const spec = { selector: { app: name }, ports: [{ port: 80, targetPort: 'http' }] };
  return stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec });
}
