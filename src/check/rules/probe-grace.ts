import { type Finding, findingAt } from '../finding.ts';
import { set } from '../fix/edit.ts';
import { field, numberOf } from '../manifest-node.ts';
import { type Container, gracePeriodOf, isValidProbe, type Workload } from '../workload.ts';
import { preStopSleep } from './pre-stop.ts';

/** After a failed livenessProbe or startupProbe the kubelet takes the grace period of the probe, if it has one, for that of the pod. */
export function probeGraceRules(workload: Workload): readonly Finding[] {
  return workload.containers.flatMap((container) =>
    ['startupProbe', 'livenessProbe'].flatMap((probe) => shortGrace(workload, container, probe)),
  );
}

function shortGrace(workload: Workload, container: Container, probeField: string): readonly Finding[] {
  const { node, name, entrypoint } = container;
  const probe = field(node, probeField);
  const at = field(probe, 'terminationGracePeriodSeconds');
  const given = numberOf(at);
  if (given === null || given < 1 || !isValidProbe(probe)) return [];
  const needed = shutdownOfTheUnlive(container);
  if (needed === null || given >= needed || given >= gracePeriodOf(workload)) return [];
  const by = entrypoint.kind === 'k8s-run' ? `the shutdown of ${name}` : `the preStop hook of ${name}`;
  return [
    findingAt(at, {
      rule: 'probe-grace-period',
      reason: `After a failed ${probeField} the pod has ${given} s, but ${by} may take ${needed} s, so the kubelet kills ${name} before it has ended`,
      remedy: `terminationGracePeriodSeconds: ${needed} in the ${probeField}, or remove it there`,
      edits: set(at, needed),
    }),
  ];
}

/** In seconds. An app that is not alive gets no requests, so k8s-run leaves the shutdown delay and the drain out. */
function shutdownOfTheUnlive(container: Container): number | null {
  const { entrypoint } = container;
  const sleep = preStopSleep(container) ?? 0;
  if (entrypoint.kind !== 'k8s-run') return sleep === 0 ? null : sleep + 1;
  const { phases, reserve, stopsOnSignal, hasConfigFile } = entrypoint.options;
  if (!stopsOnSignal || hasConfigFile) return null;
  const rest = phases.filter(([phase]) => phase !== '--shutdown-delay').reduce((sum, [, ms]) => sum + ms, reserve);
  return sleep + Math.ceil(rest / 1_000);
}
