import { stringify } from 'yaml';

export type Fields = Readonly<Record<string, unknown>>;

/** A change of a sound manifest: these fields of its parts become others; undefined takes one out. */
export type Change = {
  readonly kind?: string;
  readonly spec?: Fields;
  readonly pod?: Fields;
  readonly container?: Fields;
  readonly others?: readonly Fields[];
};

export const probe = (path: string, port: number | string, more: object = {}): object => ({
  httpGet: { path, port },
  periodSeconds: 2,
  failureThreshold: 1,
  ...more,
});

/** A container with k8s-run in which nothing is to be found. */
export const SOUND: Fields = {
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
export const env = (name: string, value: unknown): Fields => ({ env: [{ name, value }] });
/** A container without k8s-run. */
export const plain: Fields = {
  command: undefined,
  startupProbe: undefined,
  readinessProbe: probe('/up', 8080),
  livenessProbe: undefined,
};

/** The same in a manifest of the kind, as one document. */
export function manifestOf(
  name: string,
  { kind = 'Deployment', spec = {}, pod = {}, container = {}, others = [] }: Change,
): string {
  const containers = [{ ...SOUND, ...container }, ...others];
  const template = {
    metadata: { labels: { app: name } },
    spec: { terminationGracePeriodSeconds: 30, ...pod, containers },
  };
  const object = {
    apiVersion: kind.endsWith('Job') ? 'batch/v1' : 'apps/v1',
    kind,
    metadata: { name },
    spec: { replicas: 2, selector: { matchLabels: { app: name } }, template, ...spec },
  };
  // As kubectl reads it: `off` and `y` are words only in quotation marks.
  return stringify(object, { compat: 'yaml-1.1' }).replaceAll('PLAIN-', '');
}

/** This word without quotation marks, whatever it is then. */
export function plainly(word: string): string {
  return `PLAIN-${word}`;
}
