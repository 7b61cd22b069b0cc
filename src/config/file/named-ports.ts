import { didYouMean } from '../did-you-mean.ts';
import { isPort } from '../probe-spec.ts';
import { type Diagnostics, entriesIn, keyShown, textIn, valueShown } from './diagnostics.ts';
import type { MapEntry, YamlTree } from './yaml.ts';

/** The ports that probe stanzas may name, by their names. */
export type NamedPorts = ReadonlyMap<string, number>;

/** The keys of a port as a container has it (k8s.io/api/core/v1 ContainerPort); only the first two count here. */
export const CONTAINER_PORT_KEYS = ['name', 'containerPort', 'protocol', 'hostPort', 'hostIP'] as const;
/** What Kubernetes takes as the name of a port (validation.IsValidPortName): never digits alone, so it is told from a number. */
export const PORT_NAME: RegExp = /^(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*$/;

/** Reads `ports`: names and numbers, or the list of a container in a manifest, in which a port may have no name. */
export function readPortsSection(entry: MapEntry | undefined, diagnostics: Diagnostics): NamedPorts {
  const ports = new Map<string, number>();
  const add = (name: string, at: YamlTree['position'], port: MapEntry | undefined): void => {
    const value = port?.value.kind === 'scalar' ? port.value.value : null;
    const known = ports.has(name);
    if (known) diagnostics.addMistake(at, `ports.${name}`, 'the name is taken by another port; rename one');
    else if (!PORT_NAME.test(name)) {
      const problem = 'not the name of a port; at most 15 lower-case letters, digits and "-", with a letter';
      diagnostics.addMistake(at, `ports.${keyShown(name)}`, problem);
    } else if (typeof value !== 'number' || !isPort(value)) {
      const shown = port === undefined ? '' : valueShown(port.value);
      diagnostics.addMistake(
        port?.value.position ?? at,
        `ports.${name}${shown}`,
        'must be a port, a number from 1 to 65535',
      );
    } else ports.set(name, value);
  };
  if (entry === undefined) return ports;
  const { value: tree } = entry;
  if (tree.kind === 'map') for (const port of tree.entries) add(port.key, port.position, port);
  else if (tree.kind === 'list') {
    for (const item of tree.items) {
      const fields = entriesIn(item, 'ports', CONTAINER_PORT_KEYS, diagnostics);
      const named = fields?.get('name');
      const name = named === undefined ? null : textIn(named, 'ports.name', diagnostics);
      if (name !== null) add(name, named?.value.position ?? item.position, fields?.get('containerPort'));
    }
  } else diagnostics.addMistake(tree.position, 'ports', 'must be a map; write ports: { http: 8080 }');
  return ports;
}

/** What to do about a port name that is not there, after a guess. */
export type NamedPortsContext = { readonly ports: NamedPorts; readonly remedy: string };

/**
 * The tree of a probe, which is called `name`, with each port's name replaced by its number, because the reader of stanzas takes only numbers. An
 * unknown name is a mistake.
 */
export function withPortNumbers(
  tree: YamlTree,
  name: string,
  context: NamedPortsContext,
  diagnostics: Diagnostics,
): YamlTree {
  if (tree.kind === 'list') {
    return { ...tree, items: tree.items.map((item) => withPortNumbers(item, name, context, diagnostics)) };
  }
  if (tree.kind !== 'map') return tree;
  const entries = tree.entries.map((entry): MapEntry => {
    const { key, value } = entry;
    const what = `${name}.${keyShown(key)}`;
    if (key !== 'port') return { ...entry, value: withPortNumbers(value, what, context, diagnostics) };
    if (value.kind !== 'scalar' || typeof value.value !== 'string' || !/[a-z]/i.test(value.value)) return entry;
    const number = context.ports.get(value.value);
    if (number === undefined)
      diagnostics.addMistake(value.position, `${what}${valueShown(value)}`, unknownText(value.value, context));
    return { ...entry, value: { kind: 'scalar', value: number ?? 1, position: value.position } };
  });
  return { ...tree, entries };
}

function unknownText(name: string, { ports, remedy }: NamedPortsContext): string {
  const names = [...ports.keys()];
  const guess = didYouMean(name, names);
  if (guess !== null) return `no port has this name; did you mean ${guess}?`;
  return `no port has this name${names.length === 0 ? '' : `, only ${names.join(', ')}`}; ${remedy}`;
}
