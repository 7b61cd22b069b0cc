import { formatSpan } from '../labels.ts';
import type { RequestSample } from '../results.ts';
import { crossAt, type TimeAxis } from './layout.ts';
import { decades, logarithmic } from './scale.ts';
import { element, svgNumber, svgText } from './svg.ts';

/** The height of the plot, in pixels. */
export const PLOT = 110;
/** With more answers only every n-th is drawn; failures are drawn all. */
const MOST_DOTS = 1_200;
/** Milliseconds at the bottom of the plot. */
const LEAST_LATENCY = 1;

export type LatencyPlot = {
  readonly axis: TimeAxis;
  readonly top: number;
  /** The slowest request of all runs, in milliseconds: they share one scale. */
  readonly slowest: number;
};

/** Each answer as a dot and each failure as a cross, by when the request was sent and how long it took. */
export function drawLatency(samples: readonly RequestSample[], { axis, top, slowest }: LatencyPlot): string {
  const { x, left, right, layout } = axis;
  const scale = logarithmic(LEAST_LATENCY, slowest * 1.3);
  const y = (took: number): number => top + PLOT - scale(took) * PLOT;
  const marks = decades(LEAST_LATENCY, slowest * 1.3).map(
    (value) =>
      element('line', { x1: left, x2: right, y1: y(value), y2: y(value), class: 'grid' }) +
      svgText(
        formatSpan(value),
        layout.narrow
          ? { x: left + 2, y: y(value) - 3, kind: 'axis' }
          : { x: left - 8, y: y(value) + 4, kind: 'axis', anchor: 'end' },
      ),
  );
  const answered = samples.filter(({ failure }) => failure === null);
  const every = Math.max(1, Math.ceil(answered.length / MOST_DOTS));
  const dots = answered
    .filter((_, index) => index % every === 0)
    .map(({ at, took }) => `M${svgNumber(x(at))} ${svgNumber(y(took))}h0`);
  const crosses = samples.filter(({ failure }) => failure !== null).map(({ at, took }) => crossAt(x(at), y(took)));
  return [
    ...marks,
    element('path', { d: dots.join(''), class: 'dots' }),
    crosses.length === 0 ? '' : element('path', { d: crosses.join(''), class: 'cross' }),
    layout.narrow ? '' : svgText('response time', { x: right + 12, y: top + 12, kind: 'note' }),
  ].join('');
}
