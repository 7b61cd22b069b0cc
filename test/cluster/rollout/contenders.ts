import type { OnTerm } from '../../rig/rollout/contenders.ts';
import { NODE_IMAGE } from '../images.ts';
import { bare, type Manifest, podSpec, wrapped } from '../manifests.ts';

export const NAMES = ['alone', 'sleep', 'k8s-run', 'drain-connections'] as const;
export type Name = (typeof NAMES)[number];

/** Seconds: k8s-run's default delay, which is also that of the preStop sleep; then the limit of the contender that drains. */
const DELAY_SECONDS = 5;
const DRAIN_LIMIT = 10;

export const TITLES: Readonly<Record<Name, string>> = {
  alone: 'the app alone',
  sleep: `the app, preStop sleep ${DELAY_SECONDS}`,
  'k8s-run': 'k8s-run --drain-connections off',
  'drain-connections': `k8s-run --drain-connections ${DRAIN_LIMIT}s`,
};

export const APP_PORT = 8_080;
const env = { env: [{ name: 'PORT', value: String(APP_PORT) }] };

/** The pod of one contender with one app. The apps without k8s-run answer the same probes, asked as often, themselves. */
export function podOf(name: Name, onTerm: OnTerm): Manifest {
  const command = ['node', '/app/test/rig/rollout/app.js', onTerm];
  switch (name) {
    case 'alone':
      return podSpec([bare(NODE_IMAGE, command, { ...env, ...ownProbes })]);
    case 'sleep': {
      // The `sleep` action is there since Kubernetes 1.30 only; this one does the same.
      const lifecycle = { preStop: { exec: { command: ['sleep', String(DELAY_SECONDS)] } } };
      return podSpec([bare(NODE_IMAGE, command, { ...env, ...ownProbes, lifecycle })]);
    }
    case 'k8s-run':
      return podSpec([wrapped(NODE_IMAGE, ['--drain-connections', 'off'], command, env)]);
    case 'drain-connections':
      return podSpec([wrapped(NODE_IMAGE, ['--drain-connections', `${DRAIN_LIMIT}s`], command, env)]);
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
