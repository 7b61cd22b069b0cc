import { printable } from '../../wrap.ts';
import { VARIANT_LABELS } from '../labels.ts';
import { type PodState, podStateAt } from '../pod/pod-state.ts';
import type { PodTimeline } from '../pod/pod-timeline.ts';
import type { Paint } from '../report/paint.ts';
import type { RequestSample, Variant } from '../results.ts';
import { clipped, displayWidth } from './text-width.ts';

/** A run at one moment. Times in milliseconds since it began. */
export type RunSnapshot = {
  readonly variant: Variant;
  readonly now: number;
  readonly phase: string;
  readonly pods: readonly PodTimeline[];
  readonly samples: readonly RequestSample[];
};

/** The size of the terminal in characters. */
export type FrameSize = { readonly width: number; readonly height: number };

/** How each state is drawn: the colour helps, but the mark is enough. */
const MARKS: Readonly<Record<PodState, { readonly mark: string; readonly colour: Parameters<Paint>[1] }>> = {
  starting: { mark: '░', colour: 'cyan' },
  serving: { mark: '█', colour: 'green' },
  delaying: { mark: '▓', colour: 'yellow' },
  stopping: { mark: '▒', colour: 'magenta' },
  killed: { mark: '✗', colour: 'red' },
  exited: { mark: ' ', colour: 'dim' },
};
const BARS = '▁▂▃▄▅▆▇█';
/** The widths of the columns for the pod's name and its state. */
const NAME = 8;
const STATE = 10;
/** The lengths of the time axis, in seconds: long enough for most at first, then changed only now and then. */
const SCALES: readonly number[] = [20, 30, 45, 60, 90, 120, 180, 300, 600, 1_200, 3_600, 36_000];
const SECOND = 1_000;

/** The cells of the time axis, each from one time to another. */
type Cells = readonly (readonly [from: number, to: number])[];

/** What a terminal of this size shows. */
export function frame(
  title: string,
  runs: readonly RunSnapshot[],
  { width, height }: FrameSize,
  paint: Paint,
): readonly string[] {
  const longest = Math.max(0, ...runs.map(({ now }) => now));
  const scale = (SCALES.find((each) => each * SECOND >= longest) ?? longest / SECOND) * SECOND;
  const count = Math.max(20, width - 2 - NAME - STATE - 1);
  const cells: Cells = Array.from({ length: count }, (_, index) => [
    (index * scale) / count,
    ((index + 1) * scale) / count,
  ]);
  const clock = `${(longest / SECOND).toFixed(1)} s`;
  const command = shortened(inOneLine(title), width - 20 - clock.length);
  const most = Math.max(2, Math.floor((height - 4) / Math.max(1, runs.length)) - 5);
  const lines = [
    `${paint('k8s-run rehearse', 'bold')}  ${paint(command, 'dim')}  ${clock}`,
    ...runs.flatMap((run) => [
      '',
      heading(run, width, paint),
      ...podLines(run, most, cells, paint),
      ...(run.samples.length === 0 ? [] : [rateLine(run, cells, paint)]),
    ]),
    '',
    legend(width, paint),
  ];
  return lines.slice(0, Math.max(1, height)).map((line) => clipped(line, width));
}

function heading({ variant, now, phase, samples }: RunSnapshot, width: number, paint: Paint): string {
  const failed = samples.filter(({ failure }) => failure !== null).length;
  const rate = samples.filter(({ at, took }) => at + took > now - SECOND).length;
  const [answered, failures, speed] = [`${samples.length - failed} answered · `, `${failed} failed`, ` · ${rate}/s`];
  const numbers = samples.length === 0 ? '' : `${answered}${paint(failures, failed > 0 ? 'red' : 'green')}${speed}`;
  const label = VARIANT_LABELS[variant];
  const left = width - label.length - answered.length - failures.length - speed.length - 4;
  return `${paint(label, 'bold')}  ${paint(shortened(phase, Math.max(0, left)), 'dim')}  ${numbers}`;
}

/** At most `most` pods: those that run, then the latest of the others, in the order of their start. */
function podLines({ pods, now }: RunSnapshot, most: number, cells: Cells, paint: Paint): readonly string[] {
  const running = pods.filter(({ exited }) => exited === null);
  const ended = pods.filter(({ exited }) => exited !== null).toReversed();
  const shown = [...running, ...ended].slice(0, most).sort((one, other) => pods.indexOf(one) - pods.indexOf(other));
  return shown.map((pod) => {
    const state = podStateAt(pod, now) ?? 'starting';
    const label = state === 'exited' ? `exit ${pod.exitCode}` : state;
    const bar = cells.map(([from, to]) => podMark(pod, [from, Math.min(to, now)], now, paint)).join('');
    return `  ${pod.name.padEnd(NAME)}${paint(label.padEnd(STATE), MARKS[state].colour)} ${bar}`;
  });
}

/** The last state within the cell; a kill is shown even if another state follows. */
function podMark(pod: PodTimeline, [from, to]: Cells[number], now: number, paint: Paint): string {
  if (from > now) return ' ';
  if (pod.killed !== null && pod.killed.at >= from && pod.killed.at < to) return paint('✗', 'red');
  const state = podStateAt(pod, to);
  if (state === null || state === 'exited' || state === 'killed') return ' ';
  return paint(MARKS[state].mark, MARKS[state].colour);
}

/** The answers in each cell as a bar, or a red cross where a request failed. */
function rateLine({ samples, now }: RunSnapshot, cells: Cells, paint: Paint): string {
  const width = (cells[0]?.[1] ?? 1) - (cells[0]?.[0] ?? 0);
  const answered = cells.map(() => 0);
  const failed = cells.map(() => 0);
  for (const { at, took, failure } of samples) {
    const index = Math.floor((at + took) / width);
    const counts = failure === null ? answered : failed;
    counts[index] = (counts[index] ?? 0) + 1;
  }
  const most = Math.max(1, ...answered);
  const marks = cells.map(([from], index) => {
    if (from > now) return ' ';
    if ((failed[index] ?? 0) > 0) return paint('✗', 'red');
    const height = (answered[index] ?? 0) / most;
    return height === 0 ? ' ' : paint(BARS[Math.min(BARS.length - 1, Math.floor(height * BARS.length))] ?? '', 'dim');
  });
  return `${' '.repeat(NAME + STATE + 3)}${marks.join('')}`;
}

function legend(width: number, paint: Paint): string {
  const states: readonly PodState[] = ['starting', 'serving', 'delaying', 'stopping'];
  const marks = states.map((state) => `${paint(MARKS[state].mark, MARKS[state].colour)} ${state}`);
  return `  ${marks.join('  ')}${width > 70 ? `  ${paint('✗', 'red')} failed, killed` : ''}`;
}

const shortened = (text: string, width: number): string =>
  displayWidth(text) <= width ? text : `${clipped(text, Math.max(0, width - 1))}…`;

/** A command may be a script of many lines. */
const inOneLine = (text: string): string => printable(text.replace(/\s+/g, ' '));
