import { type Fields, isFields, valueLine, valueList, without, wordOf } from './facts.ts';
import { type Html, html } from './markup.ts';

/** What may be probed under a name, and how it stands: a probe of the app, or a named check for one of its tags. */
type ShownStanding = { readonly name: string; readonly tag: string; readonly standing: Fields; readonly about: Fields };

/** A heading with all that is in the fields; null: there are none. */
export function valueSection(title: string, fields: unknown): Html | null {
  if (!isFields(fields) || Object.keys(fields).length === 0) return null;
  return html`<section><h2>${title}</h2>${valueList(fields)}</section>`;
}

/** The three probes, each with its verdict; null: they are none. */
export function probeSection(probes: unknown): Html | null {
  if (!isFields(probes) || !Object.values(probes).every(isFields)) return null;
  const standings = Object.entries(probes).flatMap(([name, standing]) =>
    isFields(standing) ? [{ name, tag: '', standing: without(standing, 'probe'), about: pick(standing, 'probe') }] : [],
  );
  return standingList('Probes', standings);
}

/** The named checks, each with how it stands under each of its tags; null: there are none. */
export function checkSection(checks: unknown): Html | null {
  if (!Array.isArray(checks) || checks.length === 0 || !checks.every(isFields)) return null;
  const standings = checks.flatMap((check: Fields) => {
    const tags = Object.entries(check).filter(([, value]) => isFields(value) && 'kind' in value);
    const about = without(check, 'name', ...tags.map(([tag]) => tag));
    if (tags.length === 0) return [{ name: wordOf(check['name']), tag: '', standing: {}, about }];
    return tags.map(([tag, standing]) => ({ name: wordOf(check['name']), tag, standing: standing as Fields, about }));
  });
  return standingList('Checks', standings);
}

function standingList(title: string, standings: readonly ShownStanding[]): Html {
  const items = standings.map(({ name, tag, standing, about }) => {
    const kind = wordOf(standing['kind']);
    const reason = wordOf(standing['reason']);
    const cause = wordOf(standing['cause']);
    const others = valueLine(without(standing, 'kind', 'reason', 'cause'));
    const said = [cause === '' || cause === kind ? '' : cause, reason].filter((each) => each !== '').join(': ');
    return html`<li><b>${name}</b>${tag === '' ? '' : html`<span>${tag}</span>`}<b class="tag ${toneOf(kind)}">${kind}</b><small>${others}</small>${said === '' ? '' : html`<p>${said}</p>`}<small>${valueLine(about)}</small>`;
  });
  return html`<section><h2>${title}</h2><ul>${items}</ul></section>`;
}

function toneOf(kind: string): string {
  if (kind === 'ok' || kind === 'passing') return 'good';
  return kind === 'failed' || kind === 'failing' ? 'bad' : 'wait';
}

function pick(fields: Fields, name: string): Fields {
  return name in fields ? { [name]: fields[name] } : {};
}
