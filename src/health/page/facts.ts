import { formatDuration } from '../../duration.ts';
import { signalName } from '../../linux/signal-names.ts';
import { type Html, html } from './markup.ts';

/** An object of the status, whatever is in it. */
export type Fields = Readonly<Record<string, unknown>>;

/** One value of the status, by the keys that lead to it. */
type StatusValue = { readonly path: readonly string[]; readonly value: unknown };

const KIB = 1024;

/** What null means under a key, where it is neither `none` nor a limit that is not there. */
const NOTHING: Readonly<Record<string, string>> = {
  delaySkipped: 'no',
  terminationGracePeriodMs: 'not set',
  limits: 'not known',
};

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields without these. */
export function without(fields: Fields, ...names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

/** A text of the status; empty where there is none. */
export function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Every value in it, however deep, as a list of terms. */
export function valueList(fields: Fields): Html {
  const rows = valuesOf(fields, []).map(({ path, value }) => html`<dt>${labelOf(path)}<dd>${describe(path, value)}`);
  return html`<dl>${rows}</dl>`;
}

/** The same in one line. */
export function valueLine(fields: Fields): string {
  return valuesOf(fields, [])
    .map(({ path, value }) => `${labelOf(path)} ${describe(path, value)}`)
    .join(', ');
}

function valuesOf(value: unknown, path: readonly string[]): readonly StatusValue[] {
  const entries = isFields(value) ? Object.entries(value) : isList(value) ? [...value.entries()] : [];
  if (entries.length === 0) return path.length === 0 ? [] : [{ path, value }];
  return entries.flatMap(([key, each]) => valuesOf(each, [...path, typeof key === 'number' ? String(key + 1) : key]));
}

/** Not one of plain values, which stand in one line. */
function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.some((each) => typeof each === 'object' && each !== null);
}

/** `cause signal` for cause.signal, `memory limit` for memoryLimitBytes: the unit stands with the value. */
function labelOf(path: readonly string[]): string {
  return path
    .map((key) => key.replace(/(?:[Aa]go)?(?:Ms|Bytes|Cores)$/, ''))
    .filter((key) => key !== '')
    .join(' ')
    .replace(/[a-z\d](?=[A-Z])/g, '$& ')
    .toLowerCase()
    .replace(/\bcpu\b/g, 'CPU');
}

/** A value in words, by what its key says of the unit. */
function describe(path: readonly string[], value: unknown): string {
  const key = path.at(-1) ?? '';
  if (value === null || value === undefined) return NOTHING[key] ?? (/Limit/.test(key) ? 'no limit' : 'none');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map((each) => describe(path, each)).join(', ');
  if (typeof value === 'object') return 'none';
  if (typeof value !== 'number') return String(value);
  if (/[Aa]goMs$/.test(key)) return `${formatDuration(value)} ago`;
  if (/Ms$/.test(key)) return formatDuration(value);
  if (/Bytes$/.test(key)) return size(value);
  if (/Cores$/.test(key)) return `${value} ${value === 1 ? 'core' : 'cores'}`;
  if (key === 'signal') return signalName(value);
  return String(value);
}

function size(bytes: number): string {
  const unit = bytes >= KIB ** 3 ? 'GiB' : bytes >= KIB ** 2 ? 'MiB' : 'KiB';
  const scale = KIB ** (['KiB', 'MiB', 'GiB'].indexOf(unit) + 1);
  return `${Number((bytes / scale).toFixed(2))} ${unit}`;
}
