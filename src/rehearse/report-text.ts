import { adviceOn, type Has } from './advice.ts';
import type { Rehearsal, Side } from './facts.ts';
import { figuresOf } from './figures.ts';
import { remedyFor } from './remedy.ts';
import { exitCodeWords, span, TITLES, WAYS } from './words.ts';

/** Words in a colour; on what shows none, the words. */
export type Paint = (
  text: string,
  colour: 'red' | 'green' | 'yellow' | 'dim' | 'bold' | 'cyan' | 'blue' | 'magenta',
) => string;
export const unpainted: Paint = (text) => text;

/** The whole report for a terminal or a log, in lines that are no longer than `width`. */
export function reportText(rehearsal: Rehearsal, has: Has, width: number, paint: Paint): string {
  const { sides, trouble, remarks, circumstances } = rehearsal;
  const lines: string[] = [''];
  if (trouble !== null) {
    lines.push(...wrapped(`cannot rehearse: ${trouble.what}`, '', width).map((line) => paint(line, 'red')));
    lines.push(...wrapped(remedyFor(trouble), '', width));
    lines.push(...lastWords(trouble.lines, width, paint));
  }
  if (sides.length > 0) lines.push(...table(sides, width, paint));
  for (const side of sides) {
    if (side.broken !== null) lines.push(...lastWords(side.broken.lines, width, paint));
    lines.push('', paint(TITLES[side.way], 'bold'));
    for (const { weight, text } of adviceOn(side, circumstances, has)) {
      const mark = { bad: paint('✗', 'red'), note: paint('·', 'yellow'), fine: paint('✓', 'green') }[weight];
      const [first = '', ...rest] = wrapped(text, '    ', width);
      lines.push(`  ${mark} ${first.trimStart()}`, ...rest);
    }
  }
  if (remarks.length > 0) lines.push('');
  for (const remark of remarks) lines.push(...wrapped(remark, '', width).map((line) => paint(line, 'dim')));
  return `${lines.join('\n')}\n`;
}

function lastWords(lines: readonly string[], width: number, paint: Paint): readonly string[] {
  if (lines.length === 0) return [];
  const shown = lines.map((line) => `  │ ${printable(line)}`.slice(0, width));
  return ['', 'It printed last:', ...shown.map((line) => paint(line, 'dim'))];
}

/** Without what would move the cursor, or more than that. */
export const printable = (line: string): string => line.replace(/\p{Cc}\[?[0-9;]*m?/gu, '');

const LABEL = 18;
/** A narrower column has room for no sentence. */
const NARROWEST = 18;

function table(sides: readonly Side[], width: number, paint: Paint): readonly string[] {
  const share = Math.floor((width - LABEL - 2) / sides.length);
  // Beside each other where there is room, else one below the other.
  if (sides.length > 1 && share < NARROWEST)
    return sides.flatMap((side, at) => [
      ...(at === 0 ? [] : ['']),
      `  ${paint(WAYS[side.way], 'bold')}`,
      ...table([side], width, paint),
    ]);
  const column = Math.max(NARROWEST, share);
  const rows = ROWS.map(({ label, of }) => ({ label, cells: sides.map(of) })).filter(({ cells }) =>
    cells.some((cell) => cell.text !== ''),
  );
  const heads =
    sides.length === 1
      ? []
      : [
          `  ${''.padEnd(LABEL)}${sides.map(({ way }, at) => paint(at === sides.length - 1 ? WAYS[way] : WAYS[way].padEnd(column), 'bold')).join('')}`,
        ];
  const body = rows.flatMap(({ label, cells }) => {
    const parts = cells.map(({ text }) => wrapped(text, '', column - 2));
    const height = Math.max(...parts.map(({ length }) => length));
    return Array.from({ length: height }, (_, index) => {
      const words = parts.map((part, at) => {
        const text = at === parts.length - 1 ? (part[index] ?? '') : (part[index] ?? '').padEnd(column);
        const colour = cells[at]?.colour;
        return colour === undefined ? text : paint(text, colour);
      });
      return `  ${paint((index === 0 ? label : '').padEnd(LABEL), 'dim')}${words.join('')}`.trimEnd();
    });
  });
  return [...heads, ...body];
}

type Cell = { readonly text: string; readonly colour?: 'red' | 'green' | 'yellow' };
const ROWS: readonly { readonly label: string; readonly of: (side: Side) => Cell }[] = [
  {
    label: 'requests',
    of(side) {
      if (side.load === null) return { text: 'no load' };
      const { made, failed } = figuresOf(side);
      const of =
        side.load.unmade > 0 ? `${made}, and ${side.load.unmade} that this machine could not make` : String(made);
      return { text: `${failed} of ${of} failed`, colour: failed > 0 ? 'red' : 'green' };
    },
  },
  {
    label: 'how they failed',
    of: (side) => ({
      text: figuresOf(side)
        .failures.map(([what, count]) => `${count} ${what}`)
        .join(', '),
      colour: 'red',
    }),
  },
  {
    label: 'longest stall',
    of: (side) => ({ text: side.load === null ? '' : span(figuresOf(side).stall) }),
  },
  {
    label: 'answers',
    of(side) {
      const { latency } = figuresOf(side);
      if (latency === null) return { text: '' };
      return { text: `${span(latency.median)} median, ${span(latency.p99)} p99, ${span(latency.most)} at most` };
    },
  },
  {
    label: 'time to ready',
    of: (side) => ({ text: figuresOf(side).untilReady.map(span).join(', ') }),
  },
  {
    label: 'rollout',
    of: ({ rollouts }) => ({ text: rollouts.map(({ from, to }) => span(to - from)).join(', ') }),
  },
  {
    label: 'killed',
    of(side) {
      const { killed } = figuresOf(side);
      return killed.length === 0 ? { text: 'nobody' } : { text: killed.join(', '), colour: 'red' };
    },
  },
  {
    label: 'exit codes',
    of: (side) => ({
      text: figuresOf(side)
        .exitCodes.map(([code, count]) => (count > 1 ? `${exitCodeWords(code)} ${count} times` : exitCodeWords(code)))
        .join(', '),
    }),
  },
  {
    label: 'left behind',
    of(side) {
      const { leftovers } = figuresOf(side);
      return leftovers.length === 0 ? { text: 'nothing' } : { text: leftovers.join(', '), colour: 'yellow' };
    },
  },
];

/** Cut at spaces; a word that is longer than a line stays whole. Names of programs in it may hold anything. */
export function wrapped(text: string, indent: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of printable(text).split(' ')) {
    if (line.trim() !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
    }
    line += line.trim() === '' ? word : ` ${word}`;
  }
  return [...lines, line];
}
