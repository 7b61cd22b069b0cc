import { type Comparison, median } from './measure.ts';
import { number } from './report.ts';

const WIDTH = 760;
const LABELS = 300;
const VALUES = 110;
const ROW = 26;
const BAR = 16;
const TOP = 40;
const FONT = 13;
/** The ratio of the largest to the smallest value from which the scale is logarithmic. */
const WIDE = 30;
/** The length of the smallest bar on a logarithmic scale, as a share of the width. */
const LEAST = 0.04;

/** The medians as bars in an SVG for light and dark backgrounds. */
export function plot({ title, unit, rows }: Comparison): string {
  const bars = rows.map(({ name, values }) => ({ name, value: median(values) }));
  const length = scale(bars.map(({ value }) => value));
  const logarithmic = isWide(bars.map(({ value }) => value));
  const height = TOP + bars.length * ROW + 12;
  const lines = bars.map(({ name, value }, index) => {
    const y = TOP + index * ROW;
    const text = y + BAR - 3;
    const width = (length(value) * (WIDTH - LABELS - VALUES)).toFixed(1);
    return [
      `<text x="${LABELS - 10}" y="${text}" text-anchor="end">${escaped(name)}</text>`,
      `<rect class="${name.startsWith('k8s-run') ? 'ours' : 'other'}" x="${LABELS}" y="${y}" width="${width}" height="${BAR}" rx="2"/>`,
      `<text x="${(LABELS + Number(width) + 6).toFixed(1)}" y="${text}">${number(value)} ${escaped(unit)}</text>`,
    ].join('\n  ');
  });
  const heading = `${title}, median${logarithmic ? ', logarithmic' : ''}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(heading)}">
  <style>
    text { font: ${FONT}px system-ui, sans-serif; fill: #1f2328 }
    .head { font-weight: 600 }
    .ours { fill: #0969da }
    .other { fill: #9198a1 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .ours { fill: #4493f8 }
      .other { fill: #6e7681 }
    }
  </style>
  <text class="head" x="10" y="22">${escaped(heading)}</text>
  ${lines.join('\n  ')}
</svg>
`;
}

function isWide(values: readonly number[]): boolean {
  const some = values.filter((value) => value > 0);
  return Math.max(...some) / Math.min(...some) > WIDE;
}

/** Maps a value to the length of its bar, as a share (0 to 1) of the width. */
function scale(values: readonly number[]): (value: number) => number {
  const most = Math.max(...values, Number.MIN_VALUE);
  if (!isWide(values)) return (value) => Math.max(0, value) / most;
  const least = Math.min(...values.filter((value) => value > 0));
  const span = Math.log(most / least);
  return (value) => (value <= 0 ? 0 : LEAST + (1 - LEAST) * (Math.log(value / least) / span));
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
