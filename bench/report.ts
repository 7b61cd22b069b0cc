import { type Comparison, type LossCurve, least, median, type Result, type Samples, type Target } from './measure.ts';

/** `others` are the contenders to compare with k8s-run; `plots` links the SVGs. */
export type ReportOptions = { readonly others: readonly string[]; readonly plots: boolean };

/** The machine, in Markdown, readable on a terminal too. */
export function machineSection(machine: Readonly<Record<string, string>>): string {
  return ['## Machine', '', ...Object.entries(machine).map(([fact, value]) => `- ${fact}: ${value}`)].join('\n');
}

/** Below each section: when, by which command and on what it was measured, because sections are measured one by one. */
export function measuredOn(measure: string, machine: Readonly<Record<string, string>>): string {
  const { date = '', node = '', processor = '' } = machine;
  return `Measured on ${date} by \`npm run bench -- ${measure} --write\`, with Node ${node} on ${processor}.`;
}

/** One result, the same way. */
export function section(result: Result, options: ReportOptions = { others: [], plots: false }): string {
  switch (result.kind) {
    case 'comparison':
      return comparison(result, options);
    case 'loss curve':
      return lossCurve(result);
    case 'omission':
      return `## ${result.title}\n\nNot measured: ${result.reason}.`;
  }
}

function comparison(result: Comparison, { others, plots }: ReportOptions): string {
  const { title, method, unit, yardstick, rows, targets, plot } = result;
  const reference = rows.find(({ name }) => name === yardstick);
  const ratio = (values: readonly number[], figure: (values: readonly number[]) => number): readonly string[] =>
    reference === undefined ? [] : [`${(figure(values) / figure(reference.values)).toFixed(2)}×`];
  const heads = reference === undefined ? [] : ['× min', '× median'];
  const body = rows.map(({ name, values }) => [
    name,
    number(least(values)),
    number(median(values)),
    ...ratio(values, least),
    ...ratio(values, median),
  ]);
  const runs = rows[0]?.values.length ?? 0;
  const sentences = [...targets.map((target) => verdict(target, result)), ...comparedWithOthers(result, others)];
  return [
    `## ${title}`,
    `${method} Values per row: ${runs}.${reference === undefined ? '' : ` × is relative to ${reference.name}.`}`,
    table(['', `min, ${unit}`, `median, ${unit}`, ...heads], body),
    ...(plot === undefined || !plots ? [] : [`![${title}](benchmarks/${plot}.svg)`]),
    ...(sentences.length === 0 ? [] : [sentences.map((each) => `- ${each}`).join('\n')]),
  ].join('\n\n');
}

function verdict(target: Target, { rows, yardstick, unit }: Comparison): string {
  const reached = reachedBy(target, rows, yardstick);
  const words = (figure: string): string => `${figure}${target.of === 'ratio' ? '×' : ` ${unit}`}`;
  const bound =
    'atMost' in target ? `at most ${words(String(target.atMost))}` : `at least ${words(String(target.atLeast))}`;
  const promise = `${target.row}: target ${bound}${target.of === 'worst' ? ' for the worst value' : ''}`;
  if (isMet(target, rows, yardstick)) return `${promise}: met, ${words(number(reached))}.`;
  return `${promise}: **missed**, ${words(number(reached))}. It includes ${target.madeOf}.`;
}

function reachedBy({ row, of }: Target, rows: Comparison['rows'], yardstick: string | null): number {
  const valuesOf = (name: string | null): readonly number[] => rows.find((each) => each.name === name)?.values ?? [];
  if (of === 'worst') return Math.max(...valuesOf(row));
  return of === 'ratio' ? median(valuesOf(row)) / median(valuesOf(yardstick)) : median(valuesOf(row));
}

function isMet(target: Target, rows: Comparison['rows'], yardstick: string | null): boolean {
  const reached = reachedBy(target, rows, yardstick);
  return 'atMost' in target ? reached <= target.atMost : reached >= target.atLeast;
}

/** The number of missed targets. */
export function missed(results: readonly Result[]): number {
  return results.flatMap((result) =>
    result.kind === 'comparison'
      ? result.targets.filter((target) => !isMet(target, result.rows, result.yardstick))
      : [],
  ).length;
}

/** Lists the contenders that are better than every row of k8s-run, and those that are not. */
function comparedWithOthers({ rows, unit }: Comparison, others: readonly string[]): readonly string[] {
  const ours = rows.filter(({ name }) => name.startsWith('k8s-run')).map(({ values }) => median(values));
  if (ours.length === 0) return [];
  const more = unit === 'answers/s';
  const best = more ? Math.max(...ours) : least(ours);
  const theirs = rows.filter(({ name }) => others.includes(name));
  const isAhead = (values: readonly number[]): boolean => (more ? median(values) > best : median(values) < best);
  const list = (each: readonly Samples[]): string =>
    each.map(({ name, values }) => `${name} (${number(median(values))})`).join(', ');
  const ahead = theirs.filter(({ values }) => isAhead(values));
  const behind = theirs.filter(({ values }) => !isAhead(values));
  const figure = `k8s-run's ${number(best)} ${unit}`;
  return [
    ...(ahead.length === 0 ? [] : [`better than ${figure}: ${list(ahead)}.`]),
    ...(behind.length === 0 ? [] : [`not better than ${figure}: ${list(behind)}.`]),
  ];
}

function lossCurve({ title, method, delays, sent, rows }: LossCurve): string {
  const body = rows.map(({ name, kept }) => [name, ...kept.map(String), safeFrom(kept, delays, sent)]);
  return [
    `## ${title}`,
    `${method} Each cell is the number received of ${sent} sent.`,
    table(['', ...delays.map((delay) => `${delay} ms`), 'none lost from'], body),
  ].join('\n\n');
}

function safeFrom(kept: readonly number[], delays: readonly number[], sent: number): string {
  const lastLoss = kept.findLastIndex((count) => count < sent);
  const delay = delays[lastLoss + 1];
  return delay === undefined ? `later than ${delays.at(-1)} ms` : `${delay} ms`;
}

/** About three significant digits. */
export function number(value: number): string {
  return value.toFixed(value < 1 ? 3 : value < 10 ? 2 : 1);
}

/** A Markdown table with padded columns: the first aligned left, the figures right. */
export function table(heads: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = heads.map((head, column) =>
    Math.max(3, ...[head, ...body.map((row) => row[column] ?? '')].map((cell) => cell.length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(heads), rule, ...body.map(line)].join('\n');
}
