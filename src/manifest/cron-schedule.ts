/** What the controller of CronJobs reads: ParseStandard of github.com/robfig/cron/v3. */
export function isCronSchedule(text: string): boolean {
  if (text.startsWith('@')) return DESCRIPTORS.test(text);
  const fields = text.trim().split(/\s+/);
  return fields.length === FIELDS.length && FIELDS.every((field, index) => isField(fields[index] ?? '', field));
}

const DESCRIPTORS = /^@(yearly|annually|monthly|weekly|daily|midnight|hourly|every (\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+)$/;

type CronField = { readonly least: number; readonly most: number; readonly names: readonly string[] };
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
/** Minute, hour, day of the month, month, day of the week. */
const FIELDS: readonly CronField[] = [
  { least: 0, most: 59, names: [] },
  { least: 0, most: 23, names: [] },
  { least: 1, most: 31, names: [] },
  { least: 1, most: 12, names: MONTHS },
  { least: 0, most: 6, names: DAYS },
];

function isField(text: string, field: CronField): boolean {
  return text.split(',').every((part) => {
    const [range = '', step, ...rest] = part.split('/');
    if (rest.length > 0 || (step !== undefined && !/^[1-9]\d{0,8}$/.test(step))) return false;
    if (range === '*' || range === '?') return true;
    const [low = Number.NaN, high = low, ...more] = range.split('-').map((word) => valueIn(word, field));
    return more.length === 0 && low >= field.least && high <= field.most && low <= high;
  });
}

function valueIn(word: string, { least, names }: CronField): number {
  const index = names.indexOf(word.toLowerCase());
  if (index >= 0) return index + least;
  return /^\d{1,9}$/.test(word) ? Number(word) : Number.NaN;
}
