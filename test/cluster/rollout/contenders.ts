import { selfSigned } from '../../rig/certificate.ts';
import type { OnTerm } from '../../rig/rollout/contenders.ts';
import type { Protocol } from '../../rig/rollout/load/requests.ts';
import { NODE_IMAGE } from '../images.ts';
import { bare, type Manifest, podSpec, wrapped } from '../manifests.ts';

export const NAMES = ['alone', 'sleep', 'drain-off', 'k8s-run', 'k8s-run-tls', 'node-drain', 'node-drain-h2'] as const;
export type Name = (typeof NAMES)[number];

/** Seconds: k8s-run's default delay, which is also that of the preStop sleep. */
const DELAY_SECONDS = 5;

export const TITLES: Readonly<Record<Name, string>> = {
  alone: 'the app alone',
  sleep: `the app, preStop sleep ${DELAY_SECONDS}`,
  'drain-off': 'k8s-run --drain-connections off',
  'k8s-run': 'k8s-run',
  'k8s-run-tls': 'k8s-run, TLS',
  'node-drain': 'k8s-run --node-drain',
  'node-drain-h2': 'k8s-run --node-drain, HTTP/2',
};

/** What the app of a contender and its clients speak. */
export const protocolOf = (name: Name): Protocol =>
  name === 'k8s-run-tls' ? 'https' : name === 'node-drain-h2' ? 'h2' : 'http';

export const APP_PORT = 8_080;
const { key, cert } = selfSigned();
const TLS: Readonly<Record<string, string>> = { TLS_KEY: key, TLS_CERT: cert };

const OPTIONS: Readonly<Record<Exclude<Name, 'alone' | 'sleep'>, readonly string[]>> = {
  'drain-off': ['--drain-connections', 'off'],
  'k8s-run': [],
  'k8s-run-tls': [],
  'node-drain': ['--node-drain'],
  'node-drain-h2': ['--node-drain'],
};

/** The pod of one contender with one app. The apps without k8s-run answer the same probes, asked as often, themselves. */
export function podOf(name: Name, onTerm: OnTerm): Manifest {
  const command = ['node', '/app/test/rig/rollout/app.js', onTerm];
  const protocol = protocolOf(name);
  const variables = { PORT: String(APP_PORT), PROTOCOL: protocol, ...(protocol === 'http' ? {} : TLS) };
  const env = { env: Object.entries(variables).map(([name, value]) => ({ name, value })) };
  switch (name) {
    case 'alone':
      return podSpec([bare(NODE_IMAGE, command, { ...env, ...ownProbes })]);
    case 'sleep': {
      // The `sleep` action is there since Kubernetes 1.30 only; this one does the same.
      const lifecycle = { preStop: { exec: { command: ['sleep', String(DELAY_SECONDS)] } } };
      return podSpec([bare(NODE_IMAGE, command, { ...env, ...ownProbes, lifecycle })]);
    }
    default:
      return podSpec([wrapped(NODE_IMAGE, OPTIONS[name], command, env)]);
  }
}

const ready = (rest: Manifest): Manifest => ({
  httpGet: { path: '/ready', port: APP_PORT },
  timeoutSeconds: 2,
  ...rest,
});
const ownProbes: Manifest = {
  startupProbe: ready({ periodSeconds: 1, failureThreshold: 60 }),
  readinessProbe: ready({ periodSeconds: 1, failureThreshold: 1 }),
  livenessProbe: ready({ periodSeconds: 2, failureThreshold: 3 }),
};
