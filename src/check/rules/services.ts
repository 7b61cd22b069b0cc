import { type CheckedWorkload, labelKeys, nearest } from '../checked-set.ts';
import { type Finding, findingAt } from '../finding.ts';
import { readLabels, selects } from '../labels.ts';
import { field, isSet, itemsOf, keysOf, type ManifestNode, scalarOf, textOf } from '../manifest-node.ts';
import type { RuleContext } from './rule-context.ts';

/** Whether a Service finds pods, and a port of them. */
export function serviceRules(node: ManifestNode, ruleContext: RuleContext): readonly Finding[] {
  const spec = field(node, 'spec');
  const selector = field(spec, 'selector');
  if (keysOf(selector).length === 0 || textOf(field(spec, 'type')) === 'ExternalName') return [];
  const wanted = { labels: readLabels(selector), expressions: [] };
  const candidates = ruleContext.set.workloads.get(labelKeys(wanted.labels).slice(0, 1));
  const selected = nearest(ruleContext.origin, candidates, ({ labels }) => selects(wanted, labels));
  return selected.length === 0
    ? nothingSelected(node, ruleContext)
    : itemsOf(field(spec, 'ports')).flatMap((port) => unknownTarget(port, selected));
}

/** Only a workload of the same file that is named as the Service is, or has one of its labels, can be meant for certain. */
function nothingSelected(node: ManifestNode, { set, origin }: RuleContext): readonly Finding[] {
  const selector = field(node, 'spec', 'selector');
  const wanted = readLabels(selector);
  const name = textOf(field(node, 'metadata', 'name')) ?? '';
  const here = set.workloadsByFile.get([origin.file]).filter(({ kind }) => kind !== 'Job' && kind !== 'CronJob');
  const meant = here.filter((each) => each.name === name && (each.namespace ?? '') === (origin.namespace ?? ''));
  const [workload, ...others] = meant;
  if (workload === undefined || others.length > 0) return [];
  const wrong = Object.entries(wanted).filter(([key, value]) => workload.labels[key] !== value);
  const differences = wrong.map(([key, value]) =>
    workload.labels[key] === undefined ? `${key} is missing` : `${key} is ${workload.labels[key]}, not ${value}`,
  );
  return [
    findingAt(selector, {
      rule: 'service-selector',
      reason: `Service ${name} sends its requests to no pod of ${workload.kind} ${workload.name}, because its selector does not match their labels: ${differences.join('; ')}`,
    }),
  ];
}

function unknownTarget(port: ManifestNode, selected: readonly CheckedWorkload[]): readonly Finding[] {
  const given = field(port, 'targetPort');
  const target = scalarOf(isSet(given) ? given : field(port, 'port'));
  const at = isSet(given) ? given : port;
  const whose = selected.map(({ kind, name }) => `${kind} ${name}`).join(', ');
  if (typeof target === 'string') {
    if (/^\d*$/.test(target) || selected.some(({ portNames }) => portNames.includes(target))) return [];
    return [
      findingAt(at, {
        rule: 'service-port',
        reason: `Requests to this port reach no pod, because no container of ${whose} has a port named ${target}`,
        remedy: `Name a port of the container ${target}, or write its number`,
      }),
    ];
  }
  const numbers = [...new Set(selected.flatMap(({ portNumbers }) => portNumbers))];
  if (typeof target !== 'number' || numbers.length === 0 || numbers.includes(target)) return [];
  // A declared port is only information, so the app may listen on another.
  return [
    findingAt(at, {
      rule: 'service-port',
      severity: 'note',
      reason: `The containers of ${whose} do not declare port ${target}, to which this Service sends its requests, but ${numbers.join(', ')}`,
      remedy: 'Correct targetPort, or add the port to ports of the container',
    }),
  ];
}
