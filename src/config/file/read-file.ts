import type { ProbeName } from '../../lifecycle/state.ts';
import type { ConfigMistake, GivenOption, Place, SettledOption } from '../config.ts';
import type { HealthCheck } from '../health-check.ts';
import { OPTIONS, type OptionKey } from '../options/table.ts';
import { formOf } from '../value-shape.ts';
import { readChecksSection } from './checks-section.ts';
import { collectDiagnostics, entriesIn, placeOf } from './diagnostics.ts';
import { readFileOption } from './file-option.ts';
import { readPortsSection, withPortNumbers } from './named-ports.ts';
import { readPlainFile } from './plain-file.ts';
import { type MapEntry, parseYaml } from './yaml.ts';

/** What a configuration file sets, as far as it is valid. */
export type ConfigFile = {
  readonly given: readonly (GivenOption | SettledOption)[];
  readonly checks: readonly HealthCheck[];
  readonly mistakes: readonly ConfigMistake[];
  readonly warnings: readonly string[];
};

/** A probe may have the key that it has in a manifest, so that it can be copied from there. */
export const MANIFEST_PROBE_KEYS: Readonly<Record<string, ProbeName>> = {
  readinessProbe: 'ready',
  livenessProbe: 'live',
  startupProbe: 'startup',
};
/** Tells editors the schema of a JSON file, which cannot have a comment. */
const SCHEMA_KEY = '$schema';
/** What is no option: named checks, and the ports that probes may name. */
const SECTIONS = ['checks', 'ports'] as const;
/** Every option but the one that names the file. */
export const FILE_KEYS: readonly OptionKey[] = (Object.keys(OPTIONS) as OptionKey[]).filter((key) => key !== 'config');

/** Reads a YAML or JSON configuration file. Never throws: all that is wrong is in the mistakes, with its position. */
export function readConfigFile({ text: path, source, place }: GivenOption): ConfigFile {
  const diagnostics = collectDiagnostics(path);
  const nothing = { given: [], checks: [], warnings: [] };
  const text = readPlainFile(path);
  if ('problem' in text)
    return { ...nothing, mistakes: [valueMistake(`cannot read ${source} ${path}: ${text.problem}`, place)] };
  const yaml = parseYaml(text.ok);
  if ('errors' in yaml) {
    const mistakes = yaml.errors.map(({ position, text }): ConfigMistake => {
      const located = `cannot read ${source} ${diagnostics.locate(position)}: ${text}`;
      return { kind: 'value', text: located, place: placeOf(position) };
    });
    return { ...nothing, mistakes };
  }
  const { tree } = yaml;
  if (tree.kind === 'scalar' && tree.value === null)
    return {
      ...nothing,
      mistakes: [valueMistake(`cannot use ${source} ${path}: it is empty; write grace: 20s, or {}`, place)],
    };
  const keys = [...FILE_KEYS, ...Object.keys(MANIFEST_PROBE_KEYS), ...SECTIONS, SCHEMA_KEY];
  const entries = entriesIn(tree, 'the file', keys, diagnostics);
  const ports = readPortsSection(entries?.get('ports'), diagnostics);
  const numbered = (name: string, entry: MapEntry): MapEntry => {
    const remedy = 'write the number, or give it a name: ports: { http: 8080 }';
    return { ...entry, value: withPortNumbers(entry.value, name, { ports, remedy }, diagnostics) };
  };
  const given = [...(entries ?? [])].flatMap(([name, entry]) => {
    if (name === SCHEMA_KEY || SECTIONS.some((section) => section === name)) return [];
    const key = (MANIFEST_PROBE_KEYS[name] ?? name) as OptionKey;
    return readFileOption(key, name, formOf(OPTIONS[key]) === 'probe' ? numbered(name, entry) : entry, diagnostics);
  });
  for (const [manifestKey, key] of Object.entries(MANIFEST_PROBE_KEYS)) {
    const [one, other] = [entries?.get(key), entries?.get(manifestKey)];
    if (one === undefined || other === undefined) continue;
    const problem = `already set as ${key} at ${diagnostics.locate(one.position)}; keep one`;
    diagnostics.addMistake(other.position, manifestKey, problem);
  }
  const section = entries?.get('checks');
  const checks = readChecksSection(section === undefined ? undefined : numbered('checks', section), diagnostics);
  return { given, checks, mistakes: diagnostics.mistakes(), warnings: diagnostics.warnings };
}

/** A mistake of the whole file, which belongs to where the file was named. */
function valueMistake(text: string, place: Place | undefined): ConfigMistake {
  return { kind: 'value', text, ...(place && { place }) };
}
