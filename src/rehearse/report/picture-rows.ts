import { exitCodeLabel, formatSpan } from '../labels.ts';
import { crossAt, type TimeAxis } from './layout.ts';
import { element, svgText } from './svg.ts';
import type { TimelineRow } from './timeline-rows.ts';

/** The height of a bar, in pixels. */
const BAR = 14;
const ROW = 30;
/** A narrow picture has the name above the bar. */
const NAME = 12;

/** From one row to the next, in pixels. */
export const rowHeight = ({ layout }: TimeAxis): number => (layout.narrow ? ROW + NAME : ROW);

/** One pod: its states as bars, its end as a stroke, failed requests as crosses. */
export function drawRow(row: TimelineRow, axis: TimeAxis, top: number): string {
  const { x, left, layout } = axis;
  const y = layout.narrow ? top + 14 : top + 6;
  const name = svgText(
    row.name,
    layout.narrow ? { x: left, y: top + 9, kind: 'name' } : { x: 0, y: y + BAR - 3, kind: 'name' },
  );
  const bars = row.spans.map(({ state, from, to }) =>
    element(
      'rect',
      { x: x(from), y, width: Math.max(1.5, x(to) - x(from)), height: BAR, class: state },
      element('title', {}, `${row.name}: ${state}, ${formatSpan(to - from)}`),
    ),
  );
  const crosses = row.failures.map((at) => crossAt(x(at), y + BAR / 2)).join('');
  const failures = crosses === '' ? '' : element('path', { d: crosses, class: 'cross' });
  return [name, ...bars, drawStillRouted(row, axis, y), failures, drawEnd(row, axis, y)].join('');
}

function drawStillRouted({ name, stillRouted }: TimelineRow, { x }: TimeAxis, y: number): string {
  if (stillRouted === null) return '';
  const { from, to } = stillRouted;
  return element(
    'line',
    { x1: x(from), x2: x(to), y1: y + BAR + 4, y2: y + BAR + 4, class: 'routed' },
    element('title', {}, `nodes still route to ${name}, for ${formatSpan(to - from)}`),
  );
}

function drawEnd({ end, failures }: TimelineRow, { x, most, layout }: TimeAxis, y: number): string {
  if (end === null) return '';
  const isKilled = end.how === 'killed';
  const code = end.code === null ? '' : `exit ${layout.narrow ? end.code : exitCodeLabel(end.code)}`;
  const at = x(end.at);
  // The label stands beside the failures that come after the end.
  const beside = x(Math.max(end.at, ...failures));
  const isAbove = layout.narrow && (end.at > most * 0.7 || beside > at);
  const place = isAbove
    ? { x: at, y: y - 5, anchor: 'end' as const }
    : { x: beside + 7, y: y + BAR - 3, anchor: 'start' as const };
  return (
    element('line', { x1: at, x2: at, y1: y - 3, y2: y + BAR + 3, class: isKilled ? 'kill' : 'end' }) +
    svgText(isKilled ? 'killed' : code, { ...place, kind: isKilled ? 'lost small' : 'note' })
  );
}
