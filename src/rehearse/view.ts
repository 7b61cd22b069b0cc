import type { Sample, Story, Way } from './facts.ts';
import { columnsOf, fitted } from './fitted.ts';
import { type Paint, printable } from './report-text.ts';
import { type State, stateAt, WAYS } from './words.ts';

/** A side as it is now. Times in milliseconds since it began. */
export type Snapshot = {
  readonly way: Way;
  readonly now: number;
  readonly phase: string;
  readonly stories: readonly Story[];
  readonly samples: readonly Sample[];
};

/** What each state is drawn with: colour helps, and is not needed. */
const MARKS: Readonly<Record<State, { readonly mark: string; readonly colour: Parameters<Paint>[1] }>> = {
  starting: { mark: '░', colour: 'cyan' },
  serving: { mark: '█', colour: 'green' },
  pausing: { mark: '▓', colour: 'yellow' },
  stopping: { mark: '▒', colour: 'magenta' },
  killed: { mark: '✗', colour: 'red' },
  gone: { mark: ' ', colour: 'dim' },
};
const BARS = '▁▂▃▄▅▆▇█';
/** Widths of the columns: a pod's name and its state. */
const NAME = 8;
const STATE = 10;
/** The first is long enough for most; then the scale changes, but not all the time. */
const SCALES: readonly number[] = [20, 30, 45, 60, 90, 120, 180, 300, 600, 1_200, 3_600, 36_000];
const SECOND = 1_000;

/** What stands on the terminal now: lines of at most `width` characters, `height` of them at most. */
export function frame(
  title: string,
  sides: readonly Snapshot[],
  width: number,
  height: number,
  paint: Paint,
): readonly string[] {
  const inner = Math.max(20, width - 2 - NAME - STATE - 1);
  const longest = Math.max(0, ...sides.map(({ now }) => now));
  const scale = (SCALES.find((each) => each * SECOND >= longest) ?? longest / SECOND) * SECOND;
  const clock = `${(longest / SECOND).toFixed(1)} s`;
  const head = `${paint('k8s-run rehearse', 'bold')}  ${paint(cut(inOneLine(title), width - 20 - clock.length), 'dim')}`;
  const room = Math.max(2, Math.floor((height - 4) / Math.max(1, sides.length)) - 5);
  const lines = sides.flatMap((side) => ['', ...sideLines(side, scale, inner, width, room, paint)]);
  const all = [`${head}  ${clock}`, ...lines, '', legend(width, paint)];
  return all.slice(0, Math.max(1, height)).map((line) => fitted(line, width));
}

function sideLines(
  side: Snapshot,
  scale: number,
  inner: number,
  width: number,
  room: number,
  paint: Paint,
): readonly string[] {
  const { way, now, samples, stories, phase } = side;
  const failed = samples.filter(({ failure }) => failure !== null).length;
  const rate = samples.filter(({ at, took }) => at + took > now - SECOND).length;
  const [answered, lost] = [`${samples.length - failed} answered · `, `${failed} failed`];
  const speed = ` · ${rate}/s`;
  const numbers = samples.length === 0 ? '' : `${answered}${paint(lost, failed > 0 ? 'red' : 'green')}${speed}`;
  const left = width - WAYS[way].length - answered.length - lost.length - speed.length - 4;
  const cells = Array.from(
    { length: inner },
    (_, index) => [(index * scale) / inner, ((index + 1) * scale) / inner] as const,
  );
  const margin = ' '.repeat(NAME + STATE + 3);
  // Those that are there come first; of the others the latest.
  const shown = stories
    .filter(({ ended }) => ended === null)
    .concat(stories.filter(({ ended }) => ended !== null).toReversed());
  const pods = shown.slice(0, room).sort((one, other) => stories.indexOf(one) - stories.indexOf(other));
  return [
    `${paint(WAYS[way], 'bold')}  ${paint(cut(phase, Math.max(0, left)), 'dim')}  ${numbers}`,
    ...pods.map((story) => {
      const state = stateAt(story, now) ?? 'starting';
      const bar = cells.map(([from, to]) => mark(story, from, Math.min(to, now), now, paint)).join('');
      return `  ${story.name.padEnd(NAME)}${paint(stateWords(story, state).padEnd(STATE), MARKS[state].colour)} ${bar}`;
    }),
    ...(samples.length === 0 ? [] : [`${margin}${rateLine(samples, cells, now, paint)}`]),
  ];
}

function stateWords({ exitCode }: Story, state: State): string {
  return state === 'gone' ? `exit ${exitCode}` : state;
}

function mark(story: Story, from: number, to: number, now: number, paint: Paint): string {
  if (from > now) return ' ';
  // A cell shows what happened last in it, and an end is never missed.
  if (story.killed !== null && story.killed.at >= from && story.killed.at < to) return paint('✗', 'red');
  const state = stateAt(story, to);
  if (state === null) return ' ';
  return state === 'gone' || state === 'killed' ? ' ' : paint(MARKS[state].mark, MARKS[state].colour);
}

/** Answers a second as bars; where something failed there is a red cross. */
function rateLine(
  samples: readonly Sample[],
  cells: readonly (readonly [number, number])[],
  now: number,
  paint: Paint,
): string {
  const width = (cells[0]?.[1] ?? 1) - (cells[0]?.[0] ?? 0);
  const made = cells.map(() => 0);
  const lost = cells.map(() => 0);
  for (const { at, took, failure } of samples) {
    const index = Math.floor((at + took) / width);
    const column = failure === null ? made : lost;
    column[index] = (column[index] ?? 0) + 1;
  }
  const most = Math.max(1, ...made);
  return cells
    .map(([from], index) => {
      if (from > now) return ' ';
      if ((lost[index] ?? 0) > 0) return paint('✗', 'red');
      const height = (made[index] ?? 0) / most;
      return height === 0 ? ' ' : paint(BARS[Math.min(BARS.length - 1, Math.floor(height * BARS.length))] ?? '', 'dim');
    })
    .join('');
}

function legend(width: number, paint: Paint): string {
  const states: readonly State[] = ['starting', 'serving', 'pausing', 'stopping'];
  const words = states.map((state) => `${paint(MARKS[state].mark, MARKS[state].colour)} ${state}`);
  return `  ${words.join('  ')}${width > 70 ? `  ${paint('✗', 'red')} failed, killed` : ''}`;
}

const cut = (text: string, width: number): string =>
  columnsOf(text) <= width ? text : `${fitted(text, Math.max(0, width - 1))}…`;

/** A command may be a script of many lines. */
const inOneLine = (text: string): string => printable(text.replace(/\s+/g, ' '));
