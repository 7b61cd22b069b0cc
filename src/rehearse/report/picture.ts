import { VARIANT_LABELS } from '../labels.ts';
import type { Rehearsal, VariantResult } from '../results.ts';
import { headline } from './headline.ts';
import { type Drawn, type PictureLayout, type TimeAxis, timeAxis, WIDE } from './layout.ts';
import { LEGEND } from './legend.ts';
import { drawLatency, PLOT } from './picture-latency.ts';
import { drawRow, rowHeight } from './picture-rows.ts';
import { resultOf } from './run-result.ts';
import { ticks } from './scale.ts';
import { COLOURS, DRAWING } from './style.ts';
import { element, escaped, svgNumber, svgText } from './svg.ts';
import { timelineRows } from './timeline-rows.ts';

/** In pixels: below a run for its time axis, above it for its heading, and from one run to the next. */
const AXIS = 26;
const HEAD = 40;
const HEAD_NARROW = 56;
const GAP = 26;
/** A narrow picture has no room for more characters of the usual size. */
const LONG = 40;

/** The picture as a file of its own. */
export function svgPicture(rehearsal: Rehearsal): string {
  const { markup, height: drawn } = drawRuns(rehearsal, WIDE);
  let x = 0;
  const legend = LEGEND.map(([colour, text]) => {
    const mark = element('rect', { x, y: drawn + 16, width: 14, height: 10, rx: 2, fill: colour });
    const label = svgText(text, { x: x + 20, y: drawn + 25, kind: 'note' });
    x += 38 + text.length * 6.2;
    return mark + label;
  }).join('');
  const [width, height] = [WIDE.width + 40, drawn + 62];
  const background = element('rect', { width, height, rx: 12, fill: 'var(--card)' });
  const content = `<title>${escaped(headline(rehearsal))}</title><style>${COLOURS}${DRAWING}</style>${background}`;
  const attributes = { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, role: 'img' };
  return `${element('svg', attributes, `${content}<g transform="translate(20 16)">${markup}${legend}</g>`)}\n`;
}

/** The pods and the response times of each run, one run below the other, on one time axis. */
export function drawRuns({ runs }: Rehearsal, layout: PictureLayout): Drawn {
  const axis = timeAxis(layout, Math.max(1_000, ...runs.map(({ took }) => took)));
  const times = runs.flatMap(({ load }) => load?.samples.map(({ took }) => took) ?? []);
  const slowest = times.reduce((one, other) => Math.max(one, other), 10);
  let top = 0;
  const parts = runs.map((run) => {
    const { markup, height } = drawRun(run, { axis, slowest, top });
    top += height + GAP;
    return markup;
  });
  return { markup: parts.join(''), height: Math.max(0, top - GAP) };
}

function drawRun(
  run: VariantResult,
  { axis, slowest, top }: { readonly axis: TimeAxis; readonly slowest: number; readonly top: number },
): Drawn {
  const rows = timelineRows(run);
  const samples = run.load?.samples ?? [];
  const rowsTop = top + (axis.layout.narrow ? HEAD_NARROW : HEAD);
  const plotTop = rowsTop + rows.length * rowHeight(axis) + 14;
  const bottom = samples.length > 0 ? plotTop + PLOT : plotTop - 8;
  const area = { top: rowsTop - 4, bottom };
  const parts = [
    drawHead(run, axis.layout, top),
    ...drawRollouts(run, axis, area),
    ...drawTimeMarks(axis, area),
    ...rows.map((row, index) => drawRow(row, axis, rowsTop + index * rowHeight(axis))),
    samples.length > 0 ? drawLatency(samples, { axis, slowest, top: plotTop }) : '',
  ];
  return { markup: parts.join(''), height: bottom + AXIS - top };
}

type Area = { readonly top: number; readonly bottom: number };

function drawHead(run: VariantResult, { narrow, width }: PictureLayout, top: number): string {
  const result = resultOf(run);
  const text = `${result.number} ${result.text}`.trimStart();
  const small = narrow && text.length > LONG ? ' small' : '';
  const kind = result.kind === 'plain' ? 'note' : `${result.kind}${small}`;
  const title = svgText(VARIANT_LABELS[run.variant], { x: narrow ? 8 : 0, y: top + 18, kind: 'head' });
  return title + svgText(text, narrow ? { x: 8, y: top + 36, kind } : { x: width, y: top + 18, kind, anchor: 'end' });
}

function drawRollouts({ rollouts }: VariantResult, { x }: TimeAxis, { top, bottom }: Area): readonly string[] {
  return rollouts.map(({ from, to }) => {
    const width = Math.max(1, x(to) - x(from));
    return element('rect', { x: x(from), y: top, width, height: bottom - top, class: 'rollout' });
  });
}

function drawTimeMarks({ x, most, layout }: TimeAxis, { top, bottom }: Area): readonly string[] {
  return ticks(most, layout.narrow ? 4 : 10).map((time) => {
    const anchor = time === 0 && layout.narrow ? 'start' : 'middle';
    return (
      element('line', { x1: x(time), x2: x(time), y1: top, y2: bottom, class: 'grid' }) +
      svgText(`${svgNumber(time / 1_000)} s`, { x: x(time), y: bottom + 16, kind: 'axis', anchor })
    );
  });
}
