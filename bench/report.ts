import { INSTALLED } from './contenders.ts';
import { type Comparison, type LossCurve, least, median, type Result, type Target } from './measure.ts';

/** Markdown that reads as well on a terminal. */
export function report(machine: Readonly<Record<string, string>>, results: readonly Result[]): string {
  const facts = Object.entries(machine).map(([fact, value]) => `- ${fact}: ${value}`);
  return [['## Machine', '', ...facts].join('\n'), ...results.map(section)].join('\n\n');
}

function section(result: Result): string {
  switch (result.kind) {
    case 'comparison':
      return comparison(result);
    case 'loss curve':
      return lossCurve(result);
    case 'omission':
      return `## ${result.title}\n\nNot measured here: ${result.reason}.`;
  }
}

function comparison({ title, method, unit, yardstick, rows, targets }: Comparison): string {
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
  const sentences = [
    ...targets.map((target) => verdict(target, rows, reference?.values, unit)),
    ...winners(rows, unit),
  ];
  return [
    `## ${title}`,
    `${method} ${runs === 1 ? 'Once' : `${runs} times`}.${reference === undefined ? '' : ` × is to ${reference.name}.`}`,
    table(['', `min, ${unit}`, `median, ${unit}`, ...heads], body),
    ...(sentences.length === 0 ? [] : [sentences.map((each) => `- ${each}`).join('\n')]),
  ].join('\n\n');
}

function verdict(
  { row, of, atMost, madeOf }: Target,
  rows: Comparison['rows'],
  reference: readonly number[] | undefined,
  unit: string,
): string {
  const values = rows.find(({ name }) => name === row)?.values ?? [];
  const reached = of === 'ratio' ? median(values) / median(reference ?? []) : median(values);
  const words = (figure: string): string => `${figure}${of === 'ratio' ? '×' : ` ${unit}`}`;
  const promise = `${row}: target at most ${words(String(atMost))}`;
  if (reached <= atMost) return `${promise}: met, ${words(number(reached))}.`;
  return `${promise}: **missed**, ${words(number(reached))}. It is made of ${madeOf}.`;
}

/** Where an init in C is better than every k8s-run, it is said. */
function winners(rows: Comparison['rows'], unit: string): readonly string[] {
  const ours = rows.filter(({ name }) => name.startsWith('k8s-run')).map(({ values }) => median(values));
  if (ours.length === 0) return [];
  const best = least(ours);
  return INSTALLED.flatMap(({ name }) => {
    const theirs = rows.find((row) => row.name === name);
    if (theirs === undefined || median(theirs.values) >= best) return [];
    return [`${name} wins: ${number(median(theirs.values))} ${unit} against ${number(best)} ${unit}.`];
  });
}

function lossCurve({ title, method, delays, sent, rows }: LossCurve): string {
  const body = rows.map(({ name, kept }) => [name, ...kept.map(String), safeFrom(kept, delays, sent)]);
  return [
    `## ${title}`,
    `${method} Each cell: kept, of ${sent} sent.`,
    table(['', ...delays.map((delay) => `${delay} ms`), 'none lost from'], body),
  ].join('\n\n');
}

function safeFrom(kept: readonly number[], delays: readonly number[], sent: number): string {
  const lastLoss = kept.findLastIndex((count) => count < sent);
  const delay = delays[lastLoss + 1];
  return delay === undefined ? `later than ${delays.at(-1)} ms` : `${delay} ms`;
}

/** Three digits that mean something. */
function number(value: number): string {
  return value.toFixed(value < 1 ? 3 : value < 10 ? 2 : 1);
}

function table(heads: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = heads.map((head, column) =>
    Math.max(3, ...[head, ...body.map((row) => row[column] ?? '')].map((cell) => cell.length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(heads), rule, ...body.map(line)].join('\n');
}
