import { REFERENCE } from '../../version.ts';
import type { CheckResult, ReportedFinding } from '../checker.ts';
import { RULES, SEVERITIES, type Severity } from '../rules/catalog.ts';
import { type NoteSum, sumUp } from './sum-up.ts';

const COLOURS: Readonly<Record<Severity | 'dim' | 'bold' | 'good', string>> = {
  error: '\x1b[31m',
  warning: '\x1b[33m',
  note: '\x1b[36m',
  dim: '\x1b[2m',
  bold: '\x1b[1m',
  good: '\x1b[32m',
};

/**
 * `width`: lines are wrapped at so many characters; null: each sentence is one line. `verbose`: each note is reported, and not one line
 * for those of one rule in one folder. `fixing`: with --fix.
 */
export type TextStyle = {
  readonly colours: boolean;
  readonly width: number | null;
  readonly verbose: boolean;
  readonly fixing: boolean;
};

type Colouring = (colour: keyof typeof COLOURS, text: string) => string;

/** The report for people: findings grouped by file and object, each with its fix, then sums of notes, and a summary. */
export function asTextReport(result: CheckResult, style: TextStyle): string {
  const { findings, documents, workloads, ignored } = result;
  const { colours, verbose, fixing } = style;
  const paint: Colouring = (colour, text) => (colours ? `${COLOURS[colour]}${text}\x1b[0m` : text);
  const { single, sums } = verbose ? { single: findings, sums: [] } : sumUp(findings);
  const blocks = [...groupsOf(single, style, paint), ...(sums.length === 0 ? [] : [sumLines(sums, style, paint)])];
  const sum = sumOf(findings);
  const parts = [sum === '' ? 'No findings' : sum, ...(ignored === 0 ? [] : [`${ignored} ignored`])].join(', ');
  const checked = `${count(workloads, 'workload')} of ${count(documents, 'document')}`;
  const fixable = findings.filter((each) => each.fixable).length;
  return [
    ...blocks.flatMap((block) => [...block, '']),
    paint(sum === '' ? 'good' : 'bold', `${parts} in ${checked}`),
    ...(!fixing && fixable > 0 ? [paint('dim', `--fix corrects ${fixable} of them`)] : []),
    ...(findings.length > 0 ? more(pageFor(findings), style.width).map((line) => paint('dim', line)) : []),
    '',
  ].join('\n');
}

/** An address that a terminal breaks can be neither clicked nor copied. */
function more(page: string, width: number | null): readonly string[] {
  const words = 'More about a rule:';
  return width !== null && words.length + 1 + page.length > width ? [words, page] : [`${words} ${page}`];
}

/** The findings of each object under its name. */
function groupsOf(
  findings: readonly ReportedFinding[],
  style: TextStyle,
  paint: Colouring,
): readonly (readonly string[])[] {
  const blocks: string[][] = [];
  let heading = '';
  for (const each of findings) {
    const group = each.object === '' ? each.file : `${each.file} ${each.object}`;
    if (group !== heading || blocks.length === 0) blocks.push([paint('bold', printable(group))]);
    heading = group;
    blocks.at(-1)?.push(...findingLines(each, style, paint));
  }
  return blocks;
}

function findingLines(finding: ReportedFinding, { width, fixing }: TextStyle, paint: Colouring): readonly string[] {
  const { severity, rule, reason, fix, fixed } = finding;
  const remedy = `${fixed ? 'fixed: ' : fixing ? 'by hand: ' : 'fix: '}${fix}`;
  return [
    `  ${paint(severity, severity)} ${rule} ${paint('dim', positionOf(finding))}`,
    ...indented(reason, width),
    ...indented(remedy, width).map((line) => paint(fixed ? 'good' : 'dim', line)),
  ];
}

/** One line for each sum, and under the sums of a rule what it is about. */
function sumLines(sums: readonly NoteSum[], { width }: TextStyle, paint: Colouring): readonly string[] {
  const lines = [paint('bold', 'Notes that come more than once (--verbose shows each)')];
  for (const [index, { rule, count: times, where, first }] of sums.entries()) {
    const place = paint('dim', `${times} in ${printable(where)}, first ${positionOf(first)}`);
    lines.push(`  ${paint('note', 'note')} ${rule} ${place}`);
    if (sums[index + 1]?.rule === rule) continue;
    const { reason, remedy } = RULES[rule];
    lines.push(...indented(reason, width), ...indented(`fix: ${remedy}`, width).map((line) => paint('dim', line)));
  }
  return lines;
}

function positionOf({ file, line, column }: ReportedFinding): string {
  return printable(`${file}:${line}:${column}`);
}

/** The page of the only rule, or of all rules. */
function pageFor(findings: readonly ReportedFinding[]): string {
  const pages = new Set(findings.map(({ page }) => page));
  return pages.size === 1 ? [...pages].join('') : `${REFERENCE}#<rule>`;
}

/** How many findings are left, by severity; empty where nothing was found. */
function sumOf(findings: readonly ReportedFinding[]): string {
  const left = findings.filter(({ fixed }) => !fixed);
  const counts = SEVERITIES.flatMap((severity) => {
    const number = left.filter((each) => each.severity === severity).length;
    return number === 0 ? [] : [count(number, severity)];
  });
  const fixed = findings.length - left.length;
  return [...(fixed === 0 ? [] : [`${fixed} fixed`]), ...counts].join(', ');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** A manifest may contain control characters, which a terminal would obey: they become spaces. */
function printable(text: string): string {
  return text.replace(/[^ -~\xa0-\uffff]/g, ' ');
}

const INDENT = '    ';

function indented(text: string, width: number | null): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of printable(text).split(' ')) {
    if (width !== null && line !== '' && line.length + 1 + word.length > width - INDENT.length) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => `${INDENT}${each}`);
}
