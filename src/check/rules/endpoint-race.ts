import type { CheckedService } from '../checked-set.ts';
import { type Finding, findingAt } from '../finding.ts';
import { field, isSet, itemsOf, numberOf, textOf } from '../manifest-node.ts';
import type { Container, Workload } from '../workload.ts';
import { FOR_SCRAPERS } from './client-ports.ts';
import { autoscalerOf, type RuleContext, servicesOf } from './rule-context.ts';
import { keepsSignals, onlyWaits } from './shell-entrypoint.ts';

/** Whether an app behind a Service gets its signal only when no more requests come. */
export function endpointRaceRules(workload: Workload, ruleContext: RuleContext): readonly Finding[] {
  if (!hasOtherPods(workload, ruleContext)) return [];
  const services = servicesOf(workload, ruleContext).filter(
    // The headless Service of a StatefulSet is for its own members, who find each other by it.
    ({ headless }) => !headless || workload.kind === 'Deployment',
  );
  const receivers = new Map<Container, CheckedService>();
  for (const service of services)
    for (const container of receiversOf(service, workload))
      if (!receivers.has(container)) receivers.set(container, service);
  return [...receivers].flatMap(([container, service]) => race(container, service, ruleContext.kubernetes));
}

/** Whether other pods serve while one is stopped; else requests are lost anyway, which other rules report. */
function hasOtherPods(workload: Workload, ruleContext: RuleContext): boolean {
  const { kind, spec, servesRequests } = workload;
  const replicas = numberOf(field(spec, 'replicas'));
  if (!servesRequests || kind === 'Pod' || replicas === 0) return false;
  if (textOf(field(spec, 'strategy', 'type')) === 'Recreate') return false;
  return kind !== 'StatefulSet' || (replicas ?? 1) > 1 || autoscalerOf(workload, ruleContext) !== null;
}

/** The containers that get the requests of a Service. A port that no container declares is one of the only container. */
function receiversOf({ ports }: CheckedService, { containers }: Workload): readonly Container[] {
  const apps = containers.filter(({ sidecar }) => !sidecar);
  return ports
    .filter(
      ({ name, target, protocol }) =>
        protocol === 'TCP' && ![name, target].some((each) => FOR_SCRAPERS.test(`${each}`)),
    )
    .flatMap(({ target }) => {
      const declaring = containers.filter(({ ports: own }) =>
        own.some(({ name, number }) => (typeof target === 'string' ? name === target : number === target)),
      );
      return declaring.length === 0 && apps.length === 1 && typeof target === 'number' ? apps : declaring;
    });
}

/** Options and variables of programs that go on serving for a while after the signal, and images that do so by themselves. */
const OWN_DELAY =
  /shutdown[-_.]?(delay|sleep|wait)|lame-?duck|requestacceptgracetimeout|(pre|before)[-_]?(stop|shutdown)/i;
const PATIENT_IMAGE = /(^|\/)(coredns|kube-apiserver)(:|@|$)/;

function race(container: Container, service: CheckedService, kubernetes: number): readonly Finding[] {
  const { node, name, entrypoint } = container;
  if (entrypoint.kind === 'invalid' || isSet(field(node, 'lifecycle', 'preStop'))) return [];
  const at = field(node, 'name');
  const rule = 'signal-races-endpoints';
  const sleep = preStopSleep(kubernetes);
  const while_ = `while Service ${service.name} still sends it requests, because its endpoints are removed at the same time`;
  if (entrypoint.kind === 'k8s-run') {
    const { shutdownDelay, stopsOnSignal, hasConfigFile } = entrypoint.options;
    if (hasConfigFile || entrypoint.unknownValues.length > 0 || (stopsOnSignal && shutdownDelay > 0)) return [];
    const cause = stopsOnSignal ? '--shutdown-delay 0' : '--stop-on none';
    return [
      findingAt(at, {
        rule,
        reason: `${name} gets its signal ${while_} (${cause}, and no preStop hook waits)`,
        remedy: `Leave ${cause} out, or add ${sleep}`,
      }),
    ];
  }
  // It does not get SIGTERM at all, which the rule shell-entrypoint reports.
  if (keepsSignals(container) || onlyWaits(container)) return [];
  const variables = itemsOf(field(node, 'env')).map((item) => textOf(field(item, 'name')) ?? '');
  if ([...(entrypoint.command ?? []), ...variables].some((word) => OWN_DELAY.test(word))) return [];
  if (PATIENT_IMAGE.test(textOf(field(node, 'image')) ?? '')) return [];
  return [
    findingAt(at, {
      rule,
      reason: `${name} gets SIGTERM ${while_}, and neither a preStop hook nor k8s-run waits`,
      remedy: `Run the app by k8s-run (command: [k8s-run, --, …]), or add ${sleep}`,
    }),
  ];
}

/** A hook that waits, in a form that this version of Kubernetes has. */
function preStopSleep(kubernetes: number): string {
  return kubernetes >= 30
    ? 'lifecycle: { preStop: { sleep: { seconds: 5 } } }'
    : 'lifecycle: { preStop: { exec: { command: [sleep, "5"] } } }';
}
