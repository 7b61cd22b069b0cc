import { printable, wrapped } from '../../wrap.ts';
import { adviceOn, type HasOption } from '../advice/advice.ts';
import { remedyFor } from '../advice/remedy.ts';
import { adviceTitle } from '../labels.ts';
import type { AppFailure, Rehearsal, VariantResult } from '../results.ts';
import { hasLost } from '../summary.ts';
import { headline } from './headline.ts';
import type { Paint } from './paint.ts';
import { summaryTable } from './summary-table.ts';

export type TextOptions = { readonly has: HasOption; readonly width: number; readonly paint: Paint };

/** The report for a terminal or a log, in lines of at most `width` characters. */
export function textReport(rehearsal: Rehearsal, options: TextOptions): string {
  const { runs, appFailure, notes } = rehearsal;
  const { width, paint } = options;
  const lines = [
    '',
    ...(appFailure === null ? [] : failureLines(appFailure, options)),
    ...(runs.length === 0 ? [] : [...headlineLines(rehearsal, options), '', ...summaryTable(runs, width, paint)]),
    ...runs.flatMap((run) => adviceLines(run, rehearsal, options)),
    ...(notes.length === 0 ? [] : ['']),
    ...notes.flatMap((note) => wrapped(note, '', width).map((line) => paint(line, 'dim'))),
  ];
  return `${lines.join('\n')}\n`;
}

function headlineLines(rehearsal: Rehearsal, { width, paint }: TextOptions): readonly string[] {
  const isLost = rehearsal.runs.some((run) => run.variant === 'k8s-run' && hasLost(run));
  return wrapped(`${headline(rehearsal)}.`, '', width).map((line) => paint(line, isLost ? 'red' : 'green'));
}

function failureLines(failure: AppFailure, { width, paint }: TextOptions): readonly string[] {
  return [
    ...wrapped(`cannot rehearse: ${failure.text}`, '', width).map((line) => paint(line, 'red')),
    ...wrapped(remedyFor(failure), '', width),
    ...lastOutput(failure, width, paint),
  ];
}

function adviceLines(
  run: VariantResult,
  { settings }: Rehearsal,
  { has, width, paint }: TextOptions,
): readonly string[] {
  const advice = adviceOn(run, settings, has);
  const title = adviceTitle(
    run.variant,
    advice.map(({ severity }) => severity),
  );
  const items = advice.flatMap(({ severity, text }) => {
    const mark = { problem: paint('✗', 'red'), note: paint('·', 'yellow'), ok: paint('✓', 'green') }[severity];
    const [first = '', ...rest] = wrapped(text, '    ', width);
    return [`  ${mark} ${first.trimStart()}`, ...rest];
  });
  const output = run.appFailure === null ? [] : lastOutput(run.appFailure, width, paint);
  return [...output, '', paint(title, 'bold'), ...items];
}

function lastOutput({ output }: AppFailure, width: number, paint: Paint): readonly string[] {
  if (output.length === 0) return [];
  const shown = output.map((line) => `  │ ${printable(line)}`.slice(0, width));
  return ['', 'Its last output:', ...shown.map((line) => paint(line, 'dim'))];
}
