import type { ManifestOptions } from './manifest-options.ts';
import type { PortChoice } from './manifest-values.ts';

/** Options of the objects that the other outputs do not have. */
const ONLY_IN_OBJECTS = ['schedule', 'network-policy', 'node-cidr', 'pod-monitor'];
const NOT_IN_VALUES = [...ONLY_IN_OBJECTS, 'namespace'];
const NOT_IN_PATCH = [
  ...ONLY_IN_OBJECTS,
  ...['label', 'image', 'image-pull-secret', 'service-account', 'replicas', 'hpa', 'env-from', 'cpu', 'memory'],
];

/** Options that have no effect beside others, or that two objects or fields cannot have at once, as mistakes. `given`: the flags. */
export function manifestContradictions(own: ManifestOptions, given: ReadonlyMap<string, unknown>): readonly string[] {
  const kind = own.kind ?? 'deployment';
  const without = (flags: readonly string[], other: string, reason: string): readonly string[] =>
    flags.filter((flag) => given.has(flag)).map((flag) => `cannot use --${flag} ${other}: ${reason}`);
  const when = (wrong: boolean, mistake: string): readonly string[] => (wrong ? [mistake] : []);
  const scales = kind === 'deployment' || kind === 'statefulset';
  const ofKustomize = own.output === 'kustomize';
  return [
    ...when(
      given.has('kustomize') && given.has('helm-values'),
      'cannot print --kustomize and --helm-values at once: each is a file; run the command once for each',
    ),
    ...(ofKustomize ? without(NOT_IN_PATCH, 'with --kustomize', 'the patch keeps what your manifest says of it') : []),
    ...(own.output === 'helm-values'
      ? without(NOT_IN_VALUES, 'with --helm-values', 'the chart has no value for it')
      : []),
    ...when(
      own.output === 'helm-values' && kind !== 'deployment',
      `cannot use --kind ${kind} with --helm-values: the chart of helm create has a Deployment`,
    ),
    ...(ofKustomize || scales ? [] : without(['replicas', 'hpa'], `with --kind ${kind}`, 'it has no number of pods')),
    ...when(
      given.has('replicas') && given.has('hpa'),
      'cannot use --replicas with --hpa: the autoscaler sets the number of pods',
    ),
    ...when(
      !ofKustomize && kind === 'cronjob' && !given.has('schedule'),
      'cannot use --kind cronjob without --schedule; write --schedule "0 3 * * *"',
    ),
    ...(!ofKustomize && kind !== 'cronjob'
      ? without(['schedule'], `with --kind ${kind}`, 'only a cronjob has one')
      : []),
    ...(given.has('network-policy')
      ? []
      : without(['node-cidr'], 'without --network-policy', 'there is no policy that it belongs to')),
    ...(ofKustomize ? [] : without(['container'], 'without --kustomize', 'the manifest has one container')),
    ...portMistakes(own.ports),
    ...repeated(own),
  ];
}

function portMistakes(ports: readonly PortChoice[]): readonly string[] {
  const numbers = ports.flatMap((port) => (port === 'none' ? [] : [port]));
  if (ports.includes('none') && ports.length > 1) return ['cannot use --port none beside another --port'];
  const names = numbers.flatMap(({ name }) => (name === null ? [] : [name]));
  return [
    ...numbers
      .filter(
        (port, index) =>
          numbers.findIndex((each) => each.number === port.number && isUdp(each) === isUdp(port)) < index,
      )
      .map((port) => `cannot use --port ${port.number} twice`),
    ...names
      .filter((name, index) => names.indexOf(name) < index)
      .map((name) => `cannot name two ports ${name}: give one another name, such as ${name}-2`),
  ];
}

const isUdp = ({ name }: Exclude<PortChoice, 'none'>): boolean => name?.startsWith('udp') ?? false;

/** A name that occurs twice in a list of which the API server merges or refuses the second. */
function repeated({ environment, labels }: ManifestOptions): readonly string[] {
  const twice = (list: readonly (readonly [string, string])[], flag: string): readonly string[] =>
    list
      .filter(([name], index) => list.findIndex(([other]) => other === name) < index)
      .map(([name]) => `cannot use --${flag} ${name}=… twice`);
  return [...twice(environment, 'env'), ...twice(labels, 'label')];
}
