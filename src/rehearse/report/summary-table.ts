import { formatDuration } from '../../duration.ts';
import { wrapped } from '../../wrap.ts';
import { exitCodeLabel, formatSpan, VARIANT_LABELS } from '../labels.ts';
import type { VariantResult } from '../results.ts';
import { hasLost, hasServed, type RunSummary, summarize } from '../summary.ts';
import type { Paint } from './paint.ts';

/** The width of the first column, with the names of the rows. */
const NAME = 19;
/** A narrower column has no room for text. */
const NARROWEST = 18;

/** The numbers of the runs: side by side where there is room, else one below the other. */
export function summaryTable(runs: readonly VariantResult[], width: number, paint: Paint): readonly string[] {
  const share = Math.floor((width - NAME - 2) / runs.length);
  if (runs.length > 1 && share < NARROWEST)
    return runs.flatMap((run, index) => [
      ...(index === 0 ? [] : ['']),
      `  ${paint(VARIANT_LABELS[run.variant], 'bold')}`,
      ...summaryTable([run], width, paint),
    ]);
  const column = Math.max(NARROWEST, share);
  const rows = ROWS.map(({ name, cell }) => ({ name, cells: runs.map((run) => cell(summarize(run), run)) }));
  return [
    ...(runs.length === 1 ? [] : [heading(runs, column, paint)]),
    ...rows.filter(({ cells }) => cells.some(({ text }) => text !== '')).flatMap((row) => lines(row, column, paint)),
  ];
}

function heading(runs: readonly VariantResult[], column: number, paint: Paint): string {
  const labels = runs.map(({ variant }, index) => {
    const label = VARIANT_LABELS[variant];
    return paint(index === runs.length - 1 ? label : label.padEnd(column), 'bold');
  });
  return `  ${''.padEnd(NAME)}${labels.join('')}`;
}

type TableCell = { readonly text: string; readonly colour?: 'red' | 'green' | 'yellow' };
type Row = { readonly name: string; readonly cells: readonly TableCell[] };

function lines({ name, cells }: Row, column: number, paint: Paint): readonly string[] {
  const parts = cells.map(({ text }) => wrapped(text, '', column - 2));
  const height = Math.max(...parts.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) => {
    const texts = parts.map((part, index) => {
      const text = index === parts.length - 1 ? (part[line] ?? '') : (part[line] ?? '').padEnd(column);
      const colour = cells[index]?.colour;
      return colour === undefined ? text : paint(text, colour);
    });
    return `  ${paint((line === 0 ? name : '').padEnd(NAME), 'dim')}${texts.join('')}`.trimEnd();
  });
}

const ROWS: readonly {
  readonly name: string;
  readonly cell: (summary: RunSummary, run: VariantResult) => TableCell;
}[] = [
  {
    name: 'requests',
    cell({ sent, failed }, run) {
      const { load, appFailure } = run;
      if (appFailure !== null && !hasServed(run)) return { text: 'none: no replica was ready', colour: 'red' };
      if (load === null || sent + load.unsent === 0) return { text: 'none sent' };
      const unsent = load.unsent > 0 ? `; this machine could not send ${load.unsent} more` : '';
      return {
        text: `${failed} of ${sent} failed${unsent}`,
        colour: failed > 0 ? 'red' : hasLost(run) ? 'yellow' : 'green',
      };
    },
  },
  {
    name: 'failures',
    cell: ({ failures }) => ({ text: failures.map(([what, count]) => `${count} ${what}`).join(', '), colour: 'red' }),
  },
  {
    name: 'longest stall',
    cell: ({ longestStall }, { load }) => ({
      text: load === null || load.samples.length === 0 ? '' : formatSpan(longestStall),
    }),
  },
  {
    name: 'response time',
    cell({ latency }) {
      if (latency === null) return { text: '' };
      const [median, p99, max] = [latency.median, latency.p99, latency.max].map(formatSpan);
      return { text: `${median} median, ${p99} p99, ${max} max` };
    },
  },
  {
    name: 'app started after',
    cell: ({ slowestSpawn }, { variant }) => ({
      text: variant === 'k8s-run' ? `${formatSpan(slowestSpawn)} at most, by k8s-run` : '',
    }),
  },
  { name: 'port open after', cell: ({ timesToListen }) => ({ text: timesToListen.map(formatSpan).join(', ') }) },
  { name: 'seen ready after', cell: ({ timesToReady }) => ({ text: timesToReady.map(formatSpan).join(', ') }) },
  {
    name: 'kubelet asks',
    cell: (_summary, { probePeriod }) => ({ text: probePeriod === null ? '' : `every ${formatDuration(probePeriod)}` }),
  },
  {
    name: 'rollout',
    cell: (_summary, { rollouts }) => ({ text: rollouts.map(({ from, to }) => formatSpan(to - from)).join(', ') }),
  },
  {
    name: 'killed',
    cell: ({ killed }) => (killed.length === 0 ? { text: 'none' } : { text: killed.join(', '), colour: 'red' }),
  },
  {
    name: 'exit codes',
    cell: ({ exitCodes }) => ({
      text: exitCodes
        .map(([code, count]) => (count > 1 ? `${exitCodeLabel(code)} ${count} times` : exitCodeLabel(code)))
        .join(', '),
    }),
  },
  { name: 'signal to exit', cell: ({ timesToExit }) => ({ text: timesToExit.map(formatSpan).join(', ') }) },
  {
    name: 'cut requests',
    cell: ({ cutRequests }) =>
      cutRequests === null
        ? { text: '' }
        : { text: `${cutRequests}, counted by k8s-run`, ...(cutRequests > 0 ? { colour: 'red' } : {}) },
  },
  {
    name: 'leftovers',
    cell: ({ leftovers }) =>
      leftovers.length === 0 ? { text: 'none' } : { text: leftovers.join(', '), colour: 'yellow' },
  },
];
