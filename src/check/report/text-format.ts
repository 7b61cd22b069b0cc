import type { CheckResult, ReportedFinding } from '../checker.ts';
import type { Severity } from '../rules/catalog.ts';

const COLOURS: Readonly<Record<Severity | 'dim' | 'bold' | 'good', string>> = {
  error: '\x1b[31m',
  warning: '\x1b[33m',
  note: '\x1b[36m',
  dim: '\x1b[2m',
  bold: '\x1b[1m',
  good: '\x1b[32m',
};

/** `width`: lines are wrapped at so many characters; null: each sentence is one line. */
export type TextStyle = { readonly colours: boolean; readonly width: number | null };

/** The report for people: findings grouped by file and workload, each with its fix, and a summary. `fixing`: with --fix. */
export function asTextReport(
  { findings, documents, workloads }: CheckResult,
  { colours, width }: TextStyle,
  fixing: boolean,
): string {
  const paint = (colour: keyof typeof COLOURS, text: string): string =>
    colours ? `${COLOURS[colour]}${text}\x1b[0m` : text;
  const lines: string[] = [];
  let heading = '';
  for (const each of findings) {
    const group = each.object === '' ? each.file : `${each.file} ${each.object}`;
    if (group !== heading) lines.push(...(heading === '' ? [] : ['']), paint('bold', printable(group)));
    heading = group;
    const position = `${each.file}:${each.line}:${each.column}`;
    lines.push(`  ${paint(each.severity, each.severity)} ${each.rule} ${paint('dim', printable(position))}`);
    for (const line of wrapped(printable(each.reason), width)) lines.push(`    ${line}`);
    for (const line of wrapped(fixLine(each, fixing), width))
      lines.push(`    ${paint(each.fixed ? 'good' : 'dim', line)}`);
  }
  if (findings.length > 0) lines.push('');
  const sum = sumOf(findings);
  const checked = `${count(workloads, 'workload')} of ${count(documents, 'document')}`;
  lines.push(paint(sum === NOTHING ? 'good' : 'bold', `${sum} in ${checked}`));
  if (!fixing && findings.some(({ fixable }) => fixable))
    lines.push(paint('dim', `--fix corrects ${findings.filter(({ fixable }) => fixable).length} of them`));
  return `${lines.join('\n')}\n`;
}

function fixLine({ fix, fixed }: ReportedFinding, fixing: boolean): string {
  return `${fixed ? 'fixed: ' : fixing ? 'by hand: ' : 'fix: '}${printable(fix)}`;
}

const NOTHING = 'No findings';

function sumOf(findings: readonly ReportedFinding[]): string {
  const left = findings.filter(({ fixed }) => !fixed);
  const countOf = (severity: Severity): number => left.filter((each) => each.severity === severity).length;
  const counts = (['error', 'warning', 'note'] as const).flatMap((severity) =>
    countOf(severity) === 0 ? [] : [count(countOf(severity), severity)],
  );
  const fixed = findings.length - left.length;
  const parts = [...(fixed === 0 ? [] : [`${fixed} fixed`]), ...counts];
  return parts.length === 0 ? NOTHING : parts.join(', ');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** A manifest may contain control characters, which a terminal would obey: they become spaces. */
function printable(text: string): string {
  return text.replace(/[^ -~\xa0-\uffff]/g, ' ');
}

const INDENT = 4;

function wrapped(text: string, width: number | null): readonly string[] {
  if (width === null) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width - INDENT) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
