import type { Outcome, Reported } from '../check.ts';
import type { Severity } from '../finding.ts';

const COLOURS: Readonly<Record<Severity | 'dim' | 'bold' | 'good', string>> = {
  error: '\x1b[31m',
  warning: '\x1b[33m',
  note: '\x1b[36m',
  dim: '\x1b[2m',
  bold: '\x1b[1m',
  good: '\x1b[32m',
};

/** `width`: in characters, of what is read in lines; null: each sentence in one. */
export type Look = { readonly colours: boolean; readonly width: number | null };

/** For people: each finding under its file and workload, the fix below it, and what it comes to in the last line. */
export function asText({ findings, documents, workloads }: Outcome, { colours, width }: Look, fixing: boolean): string {
  const paint = (how: keyof typeof COLOURS, text: string): string => (colours ? `${COLOURS[how]}${text}\x1b[0m` : text);
  const lines: string[] = [];
  let heading = '';
  for (const each of findings) {
    const about = each.about === '' ? each.file : `${each.file} ${each.about}`;
    if (about !== heading) lines.push(...(heading === '' ? [] : ['']), paint('bold', plain(about)));
    heading = about;
    const place = `${each.file}:${each.line}:${each.column}`;
    lines.push(`  ${paint(each.severity, each.severity)} ${each.rule} ${paint('dim', plain(place))}`);
    for (const line of wrapped(plain(each.reason), width)) lines.push(`    ${line}`);
    for (const line of wrapped(fixLine(each, fixing), width))
      lines.push(`    ${paint(each.fixed ? 'good' : 'dim', line)}`);
  }
  if (findings.length > 0) lines.push('');
  lines.push(
    paint(
      sumOf(findings) === NOTHING ? 'good' : 'bold',
      `${sumOf(findings)} in ${count(workloads, 'workload')} of ${count(documents, 'document')}`,
    ),
  );
  if (!fixing && findings.some(({ fixable }) => fixable))
    lines.push(paint('dim', `--fix corrects ${findings.filter(({ fixable }) => fixable).length} of them`));
  return `${lines.join('\n')}\n`;
}

function fixLine({ fix, fixed }: Reported, fixing: boolean): string {
  return `${fixed ? 'fixed: ' : fixing ? 'by hand: ' : 'fix: '}${plain(fix)}`;
}

const NOTHING = 'Nothing was found';

function sumOf(findings: readonly Reported[]): string {
  const left = findings.filter(({ fixed }) => !fixed);
  const of = (severity: Severity): number => left.filter((each) => each.severity === severity).length;
  const parts = (['error', 'warning', 'note'] as const).flatMap((severity) =>
    of(severity) === 0 ? [] : [count(of(severity), severity)],
  );
  const done = findings.length - left.length;
  const sum = [...(done === 0 ? [] : [`${done} fixed`]), ...parts];
  return sum.length === 0 ? NOTHING : sum.join(', ');
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}

/** A manifest may come from anywhere: what a terminal would obey is shown, not sent. */
function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
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
