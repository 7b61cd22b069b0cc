import type { Rehearsal, Sample, Side } from './facts.ts';
import { figuresOf } from './figures.ts';
import { type Lane, lanesOf } from './lanes.ts';
import { decades, logarithmic, ticks } from './scale.ts';
import { element, round, words } from './svg.ts';
import { exitCodeWords, span, WAYS } from './words.ts';

/** How wide it is drawn, in pixels; on a phone names stand above their lanes. */
export type Form = { readonly width: number; readonly narrow: boolean };
export const WIDE: Form = { width: 960, narrow: false };
export const NARROW: Form = { width: 360, narrow: true };

const LANE = 30;
const BAR = 14;
const PLOT = 110;
const AXIS = 26;
const HEAD = 40;
const HEAD_NARROW = 56;
const GAP = 26;
/** Dots of a plot; of more, each so-manieth is drawn, and every failure. */
const MOST_DOTS = 1_200;
const LEAST_LATENCY = 1;

/** Lanes and latencies of each side, one below the other, by the same clock. */
export function drawing(rehearsal: Rehearsal, form: Form): { readonly markup: string; readonly height: number } {
  const most = Math.max(1_000, ...rehearsal.sides.map(({ took }) => took));
  // Both by the same scale.
  const took = rehearsal.sides.flatMap(({ load }) => load?.samples.map((sample) => sample.took) ?? []);
  const slowest = took.reduce((one, other) => Math.max(one, other), 10);
  let y = 0;
  const parts = rehearsal.sides.map((side) => {
    const drawn = sideOf(side, form, most, slowest, y);
    y += drawn.height + GAP;
    return drawn.markup;
  });
  return { markup: parts.join(''), height: Math.max(0, y - GAP) };
}

/** One side from `top` on. */
function sideOf(
  side: Side,
  form: Form,
  most: number,
  slowest: number,
  top: number,
): { readonly markup: string; readonly height: number } {
  const left = form.narrow ? 8 : 74;
  const right = form.narrow ? form.width - 8 : form.width - 128;
  const x = (time: number): number => left + ((right - left) * time) / most;
  const lanes = lanesOf(side);
  const pitch = form.narrow ? LANE + 12 : LANE;
  const lanesTop = top + (form.narrow ? HEAD_NARROW : HEAD);
  const plotTop = lanesTop + lanes.length * pitch + 14;
  const hasPlot = side.load !== null && side.load.samples.length > 0;
  const bottom = hasPlot ? plotTop + PLOT : plotTop - 8;
  const grid = ticks(most, form.narrow ? 4 : 10).map((time) =>
    [
      element('line', { x1: x(time), x2: x(time), y1: lanesTop - 4, y2: bottom, class: 'grid' }),
      words(x(time), bottom + 16, `${round(time / 1_000)} s`, 'axis', {
        'text-anchor': time === 0 && form.narrow ? 'start' : 'middle',
      }),
    ].join(''),
  );
  const rollouts = side.rollouts.map(({ from, to }) =>
    element('rect', {
      x: x(from),
      y: lanesTop - 4,
      width: Math.max(1, x(to) - x(from)),
      height: bottom - lanesTop + 4,
      class: 'rollout',
    }),
  );
  const drawn = lanes.map((lane, index) => laneOf(lane, form, x, lanesTop + index * pitch, left, most));
  const parts = [
    headOf(side, form, top),
    ...rollouts,
    ...grid,
    ...drawn,
    hasPlot ? plotOf(side, form, x, slowest, plotTop, left, right) : '',
  ];
  return { markup: parts.join(''), height: bottom + AXIS - top };
}

function headOf(side: Side, form: Form, top: number): string {
  const { made, failed } = figuresOf(side);
  const text = side.load === null ? 'no load' : `${failed} of ${made} requests failed`;
  const title = words(form.narrow ? 8 : 0, top + 18, WAYS[side.way], 'head');
  const kind = failed > 0 ? 'lost' : 'kept';
  if (form.narrow) return title + words(8, top + 36, text, kind);
  return title + words(form.width, top + 18, text, kind, { 'text-anchor': 'end' });
}

function laneOf(lane: Lane, form: Form, x: (time: number) => number, top: number, left: number, most: number): string {
  const y = form.narrow ? top + 14 : top + 6;
  const name = form.narrow ? words(left, top + 9, lane.name, 'name') : words(0, y + BAR - 3, lane.name, 'name');
  const bars = lane.spans.map(({ kind, from, to }) =>
    element(
      'rect',
      { x: x(from), y, width: Math.max(1.5, x(to) - x(from)), height: BAR, class: kind },
      element('title', {}, `${lane.name}: ${kind}, ${span(to - from)}`),
    ),
  );
  const sent =
    lane.sentTo === null
      ? ''
      : element(
          'line',
          { x1: x(lane.sentTo.from), x2: x(lane.sentTo.to), y1: y + BAR + 4, y2: y + BAR + 4, class: 'sent' },
          element('title', {}, `nodes still send to ${lane.name}, for ${span(lane.sentTo.to - lane.sentTo.from)}`),
        );
  const crosses = lane.failures.map((at) => crossAt(x(at), y + BAR / 2)).join('');
  const lost = crosses === '' ? '' : element('path', { d: crosses, class: 'cross' });
  return [name, ...bars, sent, lost, endOf(lane, form, x, y, most)].join('');
}

function endOf({ end, failures }: Lane, form: Form, x: (time: number) => number, y: number, most: number): string {
  if (end === null) return '';
  const code = end.code === null ? '' : form.narrow ? `exit ${end.code}` : `exit ${exitCodeWords(end.code)}`;
  const text = end.how === 'killed' ? 'killed' : code;
  const at = x(end.at);
  // Beside what failed after it.
  const beside = x(Math.max(end.at, ...failures));
  const inside = form.narrow && (end.at > most * 0.7 || beside > at);
  return (
    element('line', { x1: at, x2: at, y1: y - 3, y2: y + BAR + 3, class: end.how === 'killed' ? 'kill' : 'end' }) +
    words(inside ? at : beside + 7, inside ? y - 5 : y + BAR - 3, text, end.how === 'killed' ? 'lost small' : 'note', {
      'text-anchor': inside ? 'end' : 'start',
    })
  );
}

const crossAt = (x: number, y: number): string => `M${round(x - 3)} ${round(y - 3)}l6 6m0 -6l-6 6`;

/** Each answer a dot, by when it was asked for and how long it took; each failure a cross. */
function plotOf(
  side: Side,
  form: Form,
  x: (time: number) => number,
  slowest: number,
  top: number,
  left: number,
  right: number,
): string {
  const samples = side.load?.samples ?? [];
  const scale = logarithmic(LEAST_LATENCY, slowest * 1.3);
  const y = (took: number): number => top + PLOT - scale(took) * PLOT;
  const marks = decades(LEAST_LATENCY, slowest * 1.3).map(
    (value) =>
      element('line', { x1: left, x2: right, y1: y(value), y2: y(value), class: 'grid' }) +
      (form.narrow
        ? words(left + 2, y(value) - 3, span(value), 'axis')
        : words(left - 8, y(value) + 4, span(value), 'axis', { 'text-anchor': 'end' })),
  );
  const good = samples.filter(({ failure }) => failure === null);
  const every = Math.max(1, Math.ceil(good.length / MOST_DOTS));
  const dots = good
    .filter((_, index) => index % every === 0)
    .map((sample) => `M${round(x(sample.at))} ${round(y(sample.took))}h0`);
  const crosses = samples
    .filter(({ failure }) => failure !== null)
    .map((sample: Sample) => crossAt(x(sample.at), y(sample.took)));
  return [
    ...marks,
    element('path', { d: dots.join(''), class: 'dots' }),
    crosses.length === 0 ? '' : element('path', { d: crosses.join(''), class: 'cross' }),
    form.narrow ? '' : words(right + 12, top + 12, 'time to answer', 'note'),
  ].join('');
}
