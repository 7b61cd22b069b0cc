import type { ProbeName } from '../../lifecycle/state.ts';
import type { HealthCheck } from '../health-check.ts';
import { parseProbe } from '../parse-probe.ts';
import type { ProbeSpec } from '../probe-spec.ts';
import { booleanIn, type Diagnostics, entriesIn, placeOf, textIn, valueShown } from './diagnostics.ts';
import { readProbeStanza } from './kubernetes-probe.ts';
import type { MapEntry, YamlTree } from './yaml.ts';

export const HEALTH_CHECK_TAGS: readonly ProbeName[] = ['ready', 'live', 'startup'];
export const HEALTH_CHECK_KEYS = ['name', 'tags', 'probe', 'degraded'] as const;
/** The name appears in logs and in the lines of `?verbose`, so it has no spaces. */
export const HEALTH_CHECK_NAME: RegExp = /^[A-Za-z0-9][\w.-]{0,62}$/;

/** Reads the list under `checks`. */
export function readChecksSection(entry: MapEntry | undefined, diagnostics: Diagnostics): readonly HealthCheck[] {
  if (entry === undefined) return [];
  if (entry.value.kind !== 'list') {
    diagnostics.addMistake(
      entry.value.position,
      'checks',
      'must be a list; write - name: database, and its probe below it',
    );
    return [];
  }
  const names = new Map<string, YamlTree>();
  return entry.value.items.flatMap((item) => {
    const check = readHealthCheck(item, diagnostics);
    if (check === null) return [];
    const before = names.get(check.name);
    if (before !== undefined) {
      const taken = `the check at ${diagnostics.locate(before.position)} has the same name; rename one`;
      diagnostics.addMistake(item.position, `checks ${check.name}`, taken);
      return [];
    }
    names.set(check.name, item);
    return [check];
  });
}

function readHealthCheck(item: YamlTree, diagnostics: Diagnostics): HealthCheck | null {
  const entries = entriesIn(item, 'checks', HEALTH_CHECK_KEYS, diagnostics);
  if (entries === null) return null;
  const name = nameIn(entries.get('name'), item, diagnostics);
  const what = `checks ${name ?? ''}`.trim();
  const tags = tagsIn(entries.get('tags'), what, diagnostics);
  const flag = entries.get('degraded');
  const degraded = flag === undefined ? false : booleanIn(flag, `${what}.degraded`, diagnostics);
  const probe = readProbe(entries.get('probe'), item, {
    name: `${what}.probe`,
    oneSuccess: tags?.some((tag) => tag !== 'ready') ?? false,
    diagnostics,
  });
  if (name === null || tags === null || degraded === null || probe === null) return null;
  return {
    name,
    source: `${diagnostics.locate(item.position)} ${what}`,
    place: placeOf(item.position),
    tags,
    probe,
    degraded,
  };
}

function nameIn(entry: MapEntry | undefined, item: YamlTree, diagnostics: Diagnostics): string | null {
  if (entry === undefined) {
    diagnostics.addMistake(item.position, 'checks', 'a check has no name; write name: database');
    return null;
  }
  const name = textIn(entry, 'checks.name', diagnostics);
  if (name === null) return null;
  const reserved = HEALTH_CHECK_TAGS.some((tag) => tag === name);
  if (HEALTH_CHECK_NAME.test(name) && !reserved) return name;
  const problem = reserved
    ? 'is the name of a main probe; choose another name'
    : 'must be at most 63 letters, digits, "_", "." or "-", and begin with a letter or digit';
  diagnostics.addMistake(entry.value.position, `checks.name${valueShown(entry.value)}`, problem);
  return null;
}

/** The verdicts that a check takes part in; readiness by default. */
function tagsIn(entry: MapEntry | undefined, what: string, diagnostics: Diagnostics): readonly ProbeName[] | null {
  if (entry === undefined) return ['ready'];
  const { value } = entry;
  const items = value.kind === 'list' ? value.items : [value];
  const problem = `must be one or more of ${HEALTH_CHECK_TAGS.join(', ')}`;
  const tags = items.map((item) => {
    const tag = item.kind === 'scalar' ? HEALTH_CHECK_TAGS.find((each) => each === item.value) : undefined;
    if (tag === undefined) diagnostics.addMistake(item.position, `${what}.tags${valueShown(item)}`, problem);
    return tag;
  });
  if (tags.length === 0) diagnostics.addMistake(value.position, `${what}.tags`, problem);
  const valid = tags.filter((tag) => tag !== undefined);
  return valid.length === tags.length && valid.length > 0 ? [...new Set(valid)] : null;
}

type ProbeContext = { readonly name: string; readonly oneSuccess: boolean; readonly diagnostics: Diagnostics };

function readProbe(
  entry: MapEntry | undefined,
  item: YamlTree,
  { name, oneSuccess, diagnostics }: ProbeContext,
): ProbeSpec | null {
  if (entry === undefined) {
    diagnostics.addMistake(item.position, name, 'is missing; write tcp://:5432, or a stanza as in a manifest');
    return null;
  }
  if (entry.value.kind === 'map') return readProbeStanza(entry.value, name, { oneSuccess }, diagnostics);
  const text = textIn(entry, name, diagnostics);
  if (text === null) return null;
  const probe = parseProbe(text);
  if ('ok' in probe) return probe.ok;
  diagnostics.addMistake(entry.value.position, name, probe.problem);
  return null;
}
