import { GRACE_DEFAULT } from '../../config/shutdown-budget.ts';
import { type Finding, findingAt } from '../finding.ts';
import { remove, set } from '../fix/edit.ts';
import { field, isSet, type ManifestNode, numberOf, wordsOf } from '../manifest-node.ts';
import {
  type Container,
  DEFAULT_GRACE_PERIOD,
  gracePeriodOf,
  isValidProbe,
  onlyHandlerOf,
  portNumber,
  type Workload,
} from '../workload.ts';
import { preStopOf, preStopSleep } from './pre-stop.ts';

/** In seconds, added to a remedy beyond the shutdown budget, for a busy node. */
const MARGIN = 3;
/** The defaults of a probe, in seconds and times: pkg/apis/core/v1/defaults.go. */
const PROBE_DEFAULTS = { periodSeconds: 10, failureThreshold: 3 };

/** Whether the shutdown fits into the pod's grace period, and whether each part of it is of use. */
export function shutdownRules(workload: Workload): readonly Finding[] {
  const { containers } = workload;
  // The grace period is the pod's, so the container that needs the most decides.
  const recommended = Math.max(0, ...containers.map((container) => recommendedFor(container)));
  return containers.flatMap((container) => [
    ...gracePeriod(workload, container, recommended),
    ...doubledDelay(container),
    ...(workload.servesRequests ? slowReadinessProbe(container) : []),
  ]);
}

/** The longest shutdown of a container, in milliseconds; null where the manifest does not show it. */
function shutdownTime(container: Container): number | null {
  const { entrypoint } = container;
  const sleep = preStopSleep(container);
  if (entrypoint.kind !== 'k8s-run') return sleep === null ? null : sleep * 1_000;
  const { phases, reserve, terminationGracePeriod, stopsOnSignal } = entrypoint.options;
  if (!stopsOnSignal) return null;
  return (sleep ?? 0) * 1_000 + (terminationGracePeriod ?? phases.reduce((sum, [, ms]) => sum + ms, reserve));
}

/** A terminationGracePeriodSeconds that is enough for a container, with a margin. */
function recommendedFor(container: Container): number {
  const { entrypoint } = container;
  const needed = shutdownTime(container);
  if (needed === null) return 0;
  if (entrypoint.kind !== 'k8s-run') return Math.ceil(needed / 1_000) + DEFAULT_GRACE_PERIOD;
  return Math.ceil(needed / 1_000) + (entrypoint.options.terminationGracePeriod === null ? MARGIN : 0);
}

function podHasOf({ gracePeriod: given }: Workload, period: number): string {
  const number = numberOf(given);
  if (number !== null && number < 0) return `The pod has ${period} s, because Kubernetes takes ${number} s for that`;
  return `The pod has ${period} s${isSet(given) ? '' : ' by default'}`;
}

function gracePeriod(workload: Workload, container: Container, recommended: number): readonly Finding[] {
  const { entrypoint, node, name } = container;
  const needed = shutdownTime(container);
  if (needed === null) return [];
  const { gracePeriod: given } = workload;
  const period = gracePeriodOf(workload);
  const podHas = podHasOf(workload, period);
  const sleep = preStopSleep(container);
  const rule = 'grace-period-too-short';
  const remedy = `${given.path.at(-1)}: ${recommended}`;
  const edits = set(given, recommended);
  // validateSleepAction in pkg/apis/core/validation/validation.go.
  const handlerSleep = numberOf(field(node, 'lifecycle', 'preStop', 'sleep', 'seconds')) ?? 0;
  if (handlerSleep > (numberOf(given) ?? workload.defaultGracePeriod) && !workload.isProbedByDefault) {
    const reason = `The API server rejects the preStop hook of ${name}, because it sleeps for ${handlerSleep} s, and ${podHas.replace('The', 'the')}`;
    return [findingAt(isSet(given) ? given : field(node, 'lifecycle', 'preStop'), { rule, reason, remedy, edits })];
  }
  if (entrypoint.kind !== 'k8s-run') {
    if (needed < period * 1_000) return [];
    const reason = `${podHas}, but the preStop hook of ${name} takes ${preStopOf(container)?.onlySleeps === true ? '' : 'at least '}${sleep} s, so the app is killed 2 s after SIGTERM, the least that the kubelet gives it`;
    return [findingAt(isSet(given) ? given : field(node, 'lifecycle', 'preStop'), { rule, reason, remedy, edits })];
  }
  const at = isSet(given) ? given : workload.pod;
  const { terminationGracePeriod } = entrypoint.options;
  if (needed > period * 1_000) {
    const reason = `${podHas}, but the shutdown of ${name} may take ${sumOf(container)}, so the kubelet kills it before its shutdown ends`;
    const severity = isKilledForCertain(container, period) ? 'error' : 'warning';
    return [findingAt(at, { rule, severity, reason, remedy: `${remedy}, or shorten a phase`, edits })];
  }
  if (terminationGracePeriod === null || needed === period * 1_000) return [];
  return [
    findingAt(at, {
      rule: 'grace-period-mismatch',
      reason: `${podHas}, but --termination-grace-period is ${seconds(terminationGracePeriod)}, so ${seconds(period * 1_000 - needed)} are never used`,
      remedy: `${given.path.at(-1)}: ${Math.ceil(needed / 1_000)}, or --termination-grace-period ${period - (sleep ?? 0)}s`,
    }),
  ];
}

/**
 * Whether the app has no time after its signal, or less than the user has set for it. With the default of `--grace` an app that
 * needs less of it ends in order. `period` in seconds.
 */
function isKilledForCertain(container: Container, period: number): boolean {
  const { entrypoint } = container;
  if (entrypoint.kind !== 'k8s-run') return true;
  const { shutdownDelay, terminationGracePeriod, phases } = entrypoint.options;
  const grace = phases.find(([name]) => name === '--grace')?.[1] ?? 0;
  const beforeSignal = (preStopSleep(container) ?? 0) * 1_000 + shutdownDelay;
  return terminationGracePeriod !== null || grace > GRACE_DEFAULT || beforeSignal >= period * 1_000;
}

/** The phases of a shutdown as a sum: preStop 5 s + --grace 20 s + 2 s in reserve = 27 s. */
function sumOf(container: Container): string {
  const { entrypoint } = container;
  const sleep = preStopSleep(container);
  const preStop = sleep === null ? [] : [`preStop ${sleep} s`];
  if (entrypoint.kind !== 'k8s-run') return preStop.join('');
  const { phases, reserve, terminationGracePeriod } = entrypoint.options;
  const parts =
    terminationGracePeriod === null
      ? [...phases.map(([name, ms]) => `${name} ${seconds(ms)}`), `${seconds(reserve)} in reserve`]
      : [`--termination-grace-period ${seconds(terminationGracePeriod)}`];
  const all = [...preStop, ...parts];
  return all.length === 1 ? all.join('') : `${all.join(' + ')} = ${seconds(shutdownTime(container) ?? 0)}`;
}

function doubledDelay(container: Container): readonly Finding[] {
  const { entrypoint, node, name } = container;
  const sleep = preStopSleep(container);
  if (entrypoint.kind !== 'k8s-run' || sleep === null || !entrypoint.options.stopsOnSignal) return [];
  const { shutdownDelay } = entrypoint.options;
  if (shutdownDelay === 0) return [];
  const preStop = field(node, 'lifecycle', 'preStop');
  const hasPostStart = isSet(field(node, 'lifecycle', 'postStart'));
  // Only the user knows whether a sleep longer than the delay is needed.
  const isEnough = sleep * 1_000 <= shutdownDelay;
  const onlySleeps = preStopOf(container)?.onlySleeps === true;
  const what = onlySleeps ? 'the preStop hook' : 'the sleep from the preStop hook';
  return [
    findingAt(preStop, {
      rule: 'prestop-doubles-delay',
      reason: `The preStop hook of ${name} sleeps for ${sleep} s before the shutdown delay of ${seconds(shutdownDelay)}, so readiness fails ${sleep} s later, and the shutdown takes ${sleep} s longer`,
      remedy: isEnough
        ? `Remove ${what}`
        : `Remove ${what} and set --shutdown-delay ${sleep}s, or keep it and set --shutdown-delay 0`,
      edits: isEnough && onlySleeps ? remove(hasPostStart ? preStop : field(node, 'lifecycle')) : [],
    }),
  ];
}

/** Under k8s-run readiness fails while the pod runs on. A pod that the kubelet stops is no endpoint any more, whatever its probe says. */
/** Whether a probe of a container that k8s-run runs asks the app, which does not know of the shutdown until its signal. */
function asksApp(container: Container, probe: ManifestNode): boolean {
  const { entrypoint, ports } = container;
  const handler = onlyHandlerOf(probe);
  if (handler === null || entrypoint.kind !== 'k8s-run') return false;
  if (handler.name === 'exec')
    return !(wordsOf(field(handler.node, 'command')) ?? []).some((word) => word.includes('k8s-run'));
  const { healthPort } = entrypoint.options;
  const port = portNumber(field(handler.node, 'port'), container);
  return healthPort === null || (port !== healthPort && ports.some(({ number }) => number !== null && number === port));
}

function slowReadinessProbe(container: Container): readonly Finding[] {
  const { node, name, entrypoint } = container;
  const probe = field(node, 'readinessProbe');
  if (!isValidProbe(probe) || entrypoint.kind !== 'k8s-run' || !entrypoint.options.stopsOnSignal) return [];
  // The rule probe-bypasses-k8s-run reports it; asked more often it would say the same.
  if (asksApp(container, probe)) return [];
  const period = numberOf(field(probe, 'periodSeconds')) ?? PROBE_DEFAULTS.periodSeconds;
  const failures = numberOf(field(probe, 'failureThreshold')) ?? PROBE_DEFAULTS.failureThreshold;
  const life = entrypoint.options.phases.reduce((sum, [, ms]) => sum + ms, 0);
  if (period * failures * 1_000 <= life) return [];
  return [
    findingAt(probe, {
      rule: 'readiness-window',
      reason: `The kubelet needs up to ${period * failures} s (${failures} × ${period} s) to see that readiness of ${name} fails, but the app is gone after ${seconds(life)}`,
      remedy: 'periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 1, because k8s-run has already counted failures',
      edits: [
        ...set(field(probe, 'periodSeconds'), 2),
        ...set(field(probe, 'timeoutSeconds'), 2),
        ...set(field(probe, 'failureThreshold'), 1),
      ],
    }),
  ];
}

function seconds(ms: number): string {
  return `${Number((ms / 1_000).toFixed(3))} s`;
}
