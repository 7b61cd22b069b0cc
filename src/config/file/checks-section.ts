import type { ProbeName } from '../../lifecycle/state.ts';
import type { HealthCheck } from '../health-check.ts';
import { parseProbe } from '../parse-probe.ts';
import type { ProbeSpec } from '../probe-spec.ts';
import { entriesIn, type Findings, flagIn, shownIn, textIn } from './diagnostics.ts';
import { readStanza } from './kubernetes-probe.ts';
import type { Entry, Tree } from './yaml.ts';

export const TAGS: readonly ProbeName[] = ['ready', 'live', 'startup'];
export const CHECK_KEYS = ['name', 'tags', 'probe', 'degraded'] as const;
/** Stands in logs and in `?verbose`, a line each. */
export const CHECK_NAME: RegExp = /^[A-Za-z0-9][\w.-]{0,62}$/;

/** The list of named checks. */
export function readChecks(entry: Entry | undefined, findings: Findings): readonly HealthCheck[] {
  if (entry === undefined) return [];
  if (entry.value.kind !== 'list') {
    findings.wrong(entry.value.place, 'checks', 'must be a list; write - name: database, and its probe below');
    return [];
  }
  const names = new Map<string, Tree>();
  return entry.value.items.flatMap((item) => {
    const check = readCheck(item, findings);
    if (check === null) return [];
    const before = names.get(check.name);
    if (before !== undefined) {
      findings.wrong(item.place, `checks ${check.name}`, `the name is taken, at ${findings.at(before.place)}`);
      return [];
    }
    names.set(check.name, item);
    return [check];
  });
}

function readCheck(item: Tree, findings: Findings): HealthCheck | null {
  const entries = entriesIn(item, 'checks', CHECK_KEYS, findings);
  if (entries === null) return null;
  const name = nameIn(entries.get('name'), item, findings);
  const what = `checks ${name ?? ''}`.trim();
  const tags = tagsIn(entries.get('tags'), what, findings);
  const flag = entries.get('degraded');
  const degraded = flag === undefined ? false : flagIn(flag, `${what}.degraded`, findings);
  const probe = probeIn(entries.get('probe'), item, what, tags?.some((tag) => tag !== 'ready') ?? false, findings);
  if (name === null || tags === null || degraded === null || probe === null) return null;
  return { name, source: `${findings.at(item.place)} ${what}`, tags, probe, degraded };
}

function nameIn(entry: Entry | undefined, item: Tree, findings: Findings): string | null {
  if (entry === undefined) {
    findings.wrong(item.place, 'checks', 'one has no name; write name: database');
    return null;
  }
  const name = textIn(entry, 'checks.name', findings);
  if (name === null) return null;
  const taken = TAGS.some((tag) => tag === name);
  if (CHECK_NAME.test(name) && !taken) return name;
  const right = taken ? 'is the name of a main probe' : 'must be letters, digits, dots and hyphens, 63 at most';
  findings.wrong(entry.value.place, `checks.name${shownIn(entry.value)}`, right);
  return null;
}

/** What a check is for; readiness, when nothing is said. */
function tagsIn(entry: Entry | undefined, what: string, findings: Findings): readonly ProbeName[] | null {
  if (entry === undefined) return ['ready'];
  const { value } = entry;
  const words = value.kind === 'list' ? value.items : [value];
  const tags = words.map((word) => {
    const tag = word.kind === 'scalar' ? TAGS.find((each) => each === word.value) : undefined;
    if (tag === undefined)
      findings.wrong(word.place, `${what}.tags${shownIn(word)}`, `must be some of ${TAGS.join(', ')}`);
    return tag;
  });
  if (tags.length === 0) findings.wrong(value.place, `${what}.tags`, `must be some of ${TAGS.join(', ')}`);
  const sound = tags.filter((tag) => tag !== undefined);
  return sound.length === tags.length && sound.length > 0 ? [...new Set(sound)] : null;
}

function probeIn(
  entry: Entry | undefined,
  item: Tree,
  what: string,
  oneSuccess: boolean,
  findings: Findings,
): ProbeSpec | null {
  const name = `${what}.probe`;
  if (entry === undefined) {
    findings.wrong(item.place, name, 'is missing; write tcp://:5432, or a stanza as in a manifest');
    return null;
  }
  if (entry.value.kind === 'map') return readStanza(entry.value, name, { oneSuccess }, findings);
  const text = textIn(entry, name, findings);
  if (text === null) return null;
  const probe = parseProbe(text);
  if ('ok' in probe) return probe.ok;
  findings.wrong(entry.value.place, name, probe.problem);
  return null;
}
