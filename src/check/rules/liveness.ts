import { type Finding, findingAt } from '../finding.ts';
import { type EditValue, set } from '../fix/edit.ts';
import { field, isSet, type ManifestNode, numberOf, textOf, wordsOf } from '../manifest-node.ts';
import { type Container, isValidProbe, onlyHandlerOf, portNumber, type Workload } from '../workload.ts';
import type { Severity } from './catalog.ts';

/** Whether the kubelet kills only a container that does not work any more. */
export function livenessRules({ containers }: Workload): readonly Finding[] {
  return containers.flatMap((container) => {
    const live = field(container.node, 'livenessProbe');
    if (!isValidProbe(live)) return isValidProbe(field(container.node, 'startupProbe')) ? shortStartup(container) : [];
    const target = targetOf(container, live);
    return [
      ...livenessIsReadiness(container, live, target),
      ...killsAtOnce(container, live, target),
      // k8s-run is live while the app starts.
      ...(target === 'other' ? slowStart(container, live) : []),
      ...shortStartup(container),
    ];
  });
}

/** What a livenessProbe probes: the health port of k8s-run, k8s-run through `k8s-run probe`, or something else. */
type LivenessTarget = 'health port' | 'k8s-run probe' | 'other';

function targetOf(container: Container, live: ManifestNode): LivenessTarget {
  const { entrypoint } = container;
  const healthPort = entrypoint.kind === 'k8s-run' ? entrypoint.options.healthPort : null;
  if (healthPort !== null && portNumber(field(live, 'httpGet', 'port'), container) === healthPort) return 'health port';
  const words = wordsOf(field(live, 'exec', 'command')) ?? [];
  return words.some((word) => /(^|\/)k8s-run(\.js)?$/.test(word)) ? 'k8s-run probe' : 'other';
}

/** One failure may be a collection of garbage, or a node that is busy for a second. */
function killsAtOnce({ name }: Container, live: ManifestNode, target: LivenessTarget): readonly Finding[] {
  const failures = field(live, 'failureThreshold');
  if (numberOf(failures) !== 1) return [];
  const counted =
    target === 'other' ? '' : ', although k8s-run has counted failures already, if the kubelet gets no answer in time';
  return [
    findingAt(failures, {
      rule: 'liveness-kills-at-once',
      ...(target === 'other' ? {} : { severity: 'note' }),
      reason: `The kubelet restarts ${name} after one failed livenessProbe${counted}`,
      remedy: 'failureThreshold: 3',
      edits: set(failures, 3),
    }),
  ];
}

/** Liveness that is readiness kills a pod that is busy or shutting down. */
function livenessIsReadiness(container: Container, live: ManifestNode, target: LivenessTarget): readonly Finding[] {
  const { name } = container;
  const rule = 'liveness-is-readiness';
  const cause = 'a pod that is busy, or shuts down with requests in flight, is killed';
  const path = field(live, 'httpGet', 'path');
  switch (target) {
    case 'health port': {
      if (textOf(path) !== '/readyz') return [];
      const reason = `The livenessProbe of ${name} probes readiness (/readyz): ${cause}`;
      return [findingAt(path, { rule, reason, remedy: 'path: /livez', edits: set(path, '/livez') })];
    }
    case 'k8s-run probe': {
      if ((wordsOf(field(live, 'exec', 'command')) ?? []).includes('live'))
        return sameAsReadiness(container, live, 'k8s-run probe ready in the readinessProbe');
      const reason = `The livenessProbe of ${name} probes readiness (k8s-run probe without live): ${cause}`;
      return [findingAt(live, { rule, reason, remedy: 'k8s-run probe live' })];
    }
    case 'other':
      return sameAsReadiness(container, live, 'Probe only whether the process works, or remove the livenessProbe');
  }
}

function sameAsReadiness(container: Container, live: ManifestNode, remedy: string): readonly Finding[] {
  const { node, name } = container;
  const probed = describeHandler(container, live);
  // An open port says nothing about load, so both probes may use it.
  if (probed === null || onlyHandlerOf(live)?.name === 'tcpSocket') return [];
  if (probed !== describeHandler(container, field(node, 'readinessProbe'))) return [];
  const readiness = field(node, 'readinessProbe');
  // Kubernetes' documentation recommends one endpoint for both, with a higher failureThreshold for liveness.
  const isLater = failureTime(live) > failureTime(readiness);
  const reason = isLater
    ? `The livenessProbe of ${name} is the same as its readinessProbe, so a pod that is too busy to be ready for ${failureTime(live)} s is killed`
    : `The livenessProbe of ${name} is the same as its readinessProbe: a pod that is too busy to be ready is killed, with the requests that it is serving`;
  return [
    findingAt(live, {
      rule: 'liveness-is-readiness',
      reason,
      remedy,
      ...(isLater ? { severity: 'note' as const } : {}),
    }),
  ];
}

function describeHandler(container: Container, probe: ManifestNode): string | null {
  const handler = onlyHandlerOf(probe);
  if (handler === null) return null;
  const { name, node } = handler;
  if (name === 'exec') return `exec ${JSON.stringify(wordsOf(field(node, 'command')))}`;
  const port = portNumber(field(node, 'port'), container);
  return `${name} ${port} ${textOf(field(node, 'path')) ?? '/'} ${textOf(field(node, 'service')) ?? ''}`;
}

/** In seconds. A livenessProbe with this much time needs no startupProbe; `k8s-run manifest` gives an app as much. */
const ENOUGH_START_TIME = 60;
/** In seconds. With less, a busy node causes a restart loop. */
const MIN_START_TIME = 30;
/** In seconds. Most apps start within more time, unless the node is busy. */
const LIKELY_START_TIME = 15;

function severityOfStart(time: number): Severity {
  return time < LIKELY_START_TIME ? 'warning' : 'note';
}

function slowStart({ node, name, entrypoint }: Container, live: ManifestNode): readonly Finding[] {
  const startup = field(node, 'startupProbe');
  if (isSet(startup)) return [];
  const time = timeToFailure(live);
  if (time >= ENOUGH_START_TIME) return [];
  const port = entrypoint.kind === 'k8s-run' && !entrypoint.options.loopbackOnly ? entrypoint.options.healthPort : null;
  const probe: EditValue = {
    httpGet: { path: '/startupz', port: port ?? 0 },
    timeoutSeconds: 2,
    periodSeconds: 1,
    failureThreshold: 60,
  };
  return [
    findingAt(live, {
      rule: 'liveness-kills-slow-start',
      severity: severityOfStart(time),
      reason: `The livenessProbe of ${name} kills an app that has not started after ${time} s, because there is no startupProbe`,
      remedy: 'Add a startupProbe: the livenessProbe begins only after it has passed',
      edits: port === null ? [] : set(startup, probe),
    }),
  ];
}

function shortStartup({ node, name }: Container): readonly Finding[] {
  const probe = field(node, 'startupProbe');
  const time = timeToFailure(probe);
  if (!isValidProbe(probe) || time >= MIN_START_TIME || time < 0) return [];
  const period = numberOf(field(probe, 'periodSeconds')) ?? 10;
  const failures = Math.ceil(60 / period);
  return [
    findingAt(probe, {
      rule: 'liveness-kills-slow-start',
      severity: severityOfStart(time),
      reason: `The startupProbe of ${name} gives the app ${time} s to start, which on a busy node leads to a restart loop`,
      remedy: `failureThreshold: ${failures}`,
      edits: set(field(probe, 'failureThreshold'), failures),
    }),
  ];
}

/** Seconds until the kubelet acts on a probe that never passes. */
function timeToFailure(probe: ManifestNode): number {
  return (numberOf(field(probe, 'initialDelaySeconds')) ?? 0) + failureTime(probe);
}

/** Seconds until the kubelet acts on a probe that has passed and then fails. 0 is the default. */
function failureTime(probe: ManifestNode): number {
  return (numberOf(field(probe, 'periodSeconds')) || 10) * (numberOf(field(probe, 'failureThreshold')) || 3);
}
