/**
 * A strict parser of the response to a scrape, written from the specifications and not from the program: the Prometheus text
 * format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats) and OpenMetrics 1.0. It throws at the first line that
 * breaks a rule.
 */
export type Series = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};
export type ParsedFamily = {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly series: readonly Series[];
};

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const SUFFIXES: Readonly<Record<'text' | 'openmetrics', Readonly<Record<string, readonly string[]>>>> = {
  text: { counter: [''], gauge: [''], histogram: ['_bucket', '_sum', '_count'] },
  openmetrics: { counter: ['_total'], gauge: [''], histogram: ['_bucket', '_sum', '_count'] },
};

export function parseExposition(text: string, format: 'text' | 'openmetrics'): readonly ParsedFamily[] {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const lines = text.slice(0, -1).split('\n');
  if (format === 'openmetrics') {
    if (lines.pop() !== '# EOF') throw new Error('OpenMetrics must end in # EOF');
    if (lines.includes('')) throw new Error('OpenMetrics has no empty lines');
  }
  const families: { name: string; type: string; help: string; series: Series[] }[] = [];
  for (const line of lines.filter((each) => each !== '')) {
    const current = families.at(-1);
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword === 'HELP') {
      if (families.some((family) => family.name === name)) throw new Error(`${name} comes twice`);
      if (NAME.exec(name)?.[0] !== name || rest.trim() === '') throw new Error(`not a help line: ${line}`);
      families.push({ name, type: '', help: rest, series: [] });
    } else if (keyword === 'TYPE') {
      if (current?.name !== name || current.type !== '') throw new Error(`a type without its help: ${line}`);
      if (!(rest in SUFFIXES[format])) throw new Error(`not a type: ${line}`);
      current.type = rest;
    } else {
      if (current === undefined || current.type === '') throw new Error(`a sample without a type: ${line}`);
      const series = parseSample(line);
      const allowed = (SUFFIXES[format][current.type] ?? []).map((suffix) => `${current.name}${suffix}`);
      if (!allowed.includes(series.name)) throw new Error(`${series.name} is not of ${current.name}`);
      if (current.type !== 'gauge' && series.value < 0) throw new Error(`negative: ${line}`);
      if (current.series.some((other) => keyOf(other) === keyOf(series))) throw new Error(`comes twice: ${line}`);
      current.series.push(series);
    }
  }
  for (const family of families) {
    if (family.series.length === 0) throw new Error(`${family.name} has no series`);
    if (family.type === 'histogram') checkHistogram(family);
  }
  return families;
}

function parseSample(line: string): Series {
  const name = NAME.exec(line)?.[0] ?? '';
  let rest = line.slice(name.length);
  const labels: Record<string, string> = {};
  if (rest.startsWith('{')) {
    rest = rest.slice(1);
    while (!rest.startsWith('}')) {
      const [whole = '', label = '', value = ''] =
        /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(?:,(?!})|(?=}))/.exec(rest) ?? [];
      if (whole === '' || label in labels) throw new Error(`not a label: ${rest} in ${line}`);
      labels[label] = value.replace(/\\(.)/g, (_all, char: string) => (char === 'n' ? '\n' : char));
      rest = rest.slice(whole.length);
    }
    rest = rest.slice(1);
  }
  const [, number] = /^ (\+Inf|-Inf|NaN|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.exec(rest) ?? [];
  if (name === '' || number === undefined) throw new Error(`not a sample: ${line}`);
  return { name, labels, value: Number(number.replace('Inf', 'Infinity')) };
}

function keyOf({ name, labels }: Series): string {
  return JSON.stringify([name, Object.entries(labels).sort()]);
}

/** Buckets ascend, the last one is +Inf and equals the count, and each series has a sum. */
function checkHistogram({ name, series }: ParsedFamily): void {
  const groups = Map.groupBy(series, ({ labels: { le, ...labels } }) => JSON.stringify(labels));
  for (const [labels, group] of groups) {
    const buckets = group.filter((each) => each.name === `${name}_bucket`);
    const bounds = buckets.map((each) => Number(each.labels['le']?.replace('Inf', 'Infinity')));
    const ascends = (list: readonly number[]): boolean =>
      list.every((each, i) => i === 0 || each >= (list[i - 1] ?? each));
    const count = group.find((each) => each.name === `${name}_count`)?.value;
    const summed = group.some((each) => each.name === `${name}_sum`);
    if (!ascends(bounds) || new Set(bounds).size !== bounds.length) throw new Error(`bounds of ${name} ${labels}`);
    if (!ascends(buckets.map(({ value }) => value))) throw new Error(`buckets of ${name} ${labels} fall`);
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY || buckets.at(-1)?.value !== count || !summed) {
      throw new Error(`${name} ${labels} has no end`);
    }
  }
}

/** The value of one series; throws when there is no such series. */
export function sampleOf(
  families: readonly ParsedFamily[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const found = families
    .flatMap(({ series }) => series)
    .find((each) => keyOf(each) === keyOf({ name, labels, value: 0 }));
  if (found === undefined)
    throw new Error(`no ${name} ${JSON.stringify(labels)} among ${families.map((each) => each.name)}`);
  return found.value;
}
