import { type Finding, findingAt } from '../finding.ts';
import { set } from '../fix/edit.ts';
import { field, itemsOf, type ManifestNode, textOf } from '../manifest-node.ts';
import type { Container, Workload } from '../workload.ts';
import { PROBE_FIELDS } from './probe-fields.ts';

type NamedNode = { readonly node: ManifestNode; readonly what: string; readonly kind: keyof typeof MEANINGS };

/** What the API server takes a number in quotes for: IsValidPortName, and ValidatePositiveIntOrPercent. */
const MEANINGS = {
  number: 'a string',
  'number or name': 'not a number but a name, which needs a letter',
  'number or percentage': 'neither a number nor a percentage',
};

/** Numbers in quotes, which the API server takes for strings. */
export function quotedNumberRules({ spec, pod, containers, initContainers }: Workload): readonly Finding[] {
  const number = (parent: ManifestNode, ...keys: string[]): NamedNode => ({
    node: field(parent, ...keys),
    what: keys.join('.'),
    kind: 'number',
  });
  const surge = ['maxSurge', 'maxUnavailable'].map(
    (key): NamedNode => ({ ...number(spec, 'strategy', 'rollingUpdate', key), kind: 'number or percentage' }),
  );
  return quotedIn([
    ...['replicas', 'minReadySeconds', 'progressDeadlineSeconds'].map((key) => number(spec, key)),
    ...surge,
    number(pod, 'terminationGracePeriodSeconds'),
    ...[...containers, ...initContainers].flatMap(numbersOf),
  ]);
}

/** The numbers of a Service. */
export function quotedPortRules(spec: ManifestNode): readonly Finding[] {
  return quotedIn(
    itemsOf(field(spec, 'ports')).flatMap((port): readonly NamedNode[] => [
      { node: field(port, 'port'), what: 'port', kind: 'number' },
      { node: field(port, 'nodePort'), what: 'nodePort', kind: 'number' },
      { node: field(port, 'targetPort'), what: 'targetPort', kind: 'number or name' },
    ]),
  );
}

const TIMES = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'terminationGracePeriodSeconds'];

function numbersOf({ node, name }: Container): readonly NamedNode[] {
  const probes = PROBE_FIELDS.flatMap((probe): readonly NamedNode[] => [
    ...[...TIMES, 'successThreshold', 'failureThreshold'].map(
      (key): NamedNode => ({
        node: field(node, probe, key),
        what: `${key} in the ${probe} of ${name}`,
        kind: 'number',
      }),
    ),
    ...(['httpGet', 'tcpSocket', 'grpc'] as const).map(
      (handler): NamedNode => ({
        node: field(node, probe, handler, 'port'),
        what: `port in the ${probe} of ${name}`,
        kind: handler === 'grpc' ? 'number' : 'number or name',
      }),
    ),
  ]);
  const ports = itemsOf(field(node, 'ports')).flatMap((port) =>
    ['containerPort', 'hostPort'].map(
      (key): NamedNode => ({ node: field(port, key), what: `${key} of ${name}`, kind: 'number' }),
    ),
  );
  const sleep = field(node, 'lifecycle', 'preStop', 'sleep', 'seconds');
  return [...probes, ...ports, { node: sleep, what: `the preStop sleep of ${name}`, kind: 'number' }];
}

function quotedIn(nodes: readonly NamedNode[]): readonly Finding[] {
  return nodes.flatMap(({ node, what, kind }) => {
    const text = textOf(node);
    if (text === null || !/^-?\d+$/.test(text)) return [];
    return [
      findingAt(node, {
        rule: 'not-a-number',
        reason: `The API server rejects ${what}: "${text}", because in quotes it is ${MEANINGS[kind]}`,
        remedy: `Remove the quotes: ${text}`,
        edits: set(node, Number(text)),
      }),
    ];
  });
}
