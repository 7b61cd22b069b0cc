import { benchmark, type Measured, onACluster } from './tables.ts';
import { mebibytes, milliseconds, range, rounded, size } from './words.ts';

/**
 * The figures that prose names, each from a table that a command wrote and dated. A page has them between marks, which
 * `npm run docs` fills: `<!-- figure: memory -->11 to 12 MiB<!-- end -->`.
 */

const START = 'Exec of the supervisor → exec of the app';
const PRIVATE = 'Memory of the idle supervisor: private dirty';
const HANDLED = 'Exec → signals handled: CPU time';
const LOSS = 'TERM to a PID 1 that has just been started';
const PRELOAD = 'Added to the start by --node-drain';
const USAGE = 'Memory as a cgroup counts it: usage';
const SIZE = 'Size on disk';
const OURS = ['k8s-run, default probes', 'k8s-run, HTTP probe every 1 s'] as const;

const number = (table: Measured, row: string, column: string): number =>
  Number(table.cell(row, column).replaceAll(',', ''));
const median = (title: string, row: string, unit: string): number => number(benchmark(title), row, `median, ${unit}`);

/** Milliseconds from the exec of this contender to the exec of its app. */
export const start = (row: string): string => milliseconds(median(START, row, 'ms'));
/** Private memory of this idle contender. */
export const memory = (row: string): string => mebibytes(median(PRIVATE, row, 'MiB'));
export const ourMemory = (): string => `${range(OURS.map((row) => median(PRIVATE, row, 'MiB')))} MiB`;
/** What it adds to an image. */
export const onDisk = (row: string): string => size(median(SIZE, row, 'MiB'));
/** The time after which a TERM to this PID 1 was never lost. */
export const keptFrom = (row: string): string => benchmark(LOSS).cell(row, 'none lost from');
/** How long k8s-run takes to listen for signals when it gets this share of a processor. */
const heardUnder = (share: number): string => milliseconds(median(HANDLED, 'k8s-run', 'ms') / share);

export const FIGURES: Readonly<Record<string, () => string>> = {
  memory: ourMemory,
  'memory of tini': () => memory('tini'),
  'memory of a pod': () => mebibytes(number(onACluster('memory'), 'working set', 'more')),
  'memory of a cgroup': () =>
    `${range(OURS.map((row) => median(USAGE, `${row}: one more of the same image layer`, 'MiB')))} MiB`,
  start: () => start('k8s-run'),
  'start of tini': () => start('tini'),
  'times the start of tini': () => rounded(median(START, 'k8s-run', 'ms') / median(START, 'tini', 'ms')),
  'times the memory of tini': () => rounded(median(PRIVATE, OURS[0], 'MiB') / median(PRIVATE, 'tini', 'MiB')),
  'start of Node': () => `${rounded(median(HANDLED, 'bare node, handler first', 'ms'))} ms`,
  'kept from': () => keptFrom('k8s-run'),
  'kept from, 0.1 CPU': () => heardUnder(0.1),
  'kept from, 0.05 CPU': () => heardUnder(0.05),
  'node-drain': () => milliseconds(median(PRELOAD, 'node -e 0', 'ms')),
  'node-drain, a server': () => milliseconds(median(PRELOAD, 'an HTTP server that listens', 'ms')),
  'size of the folder': () => onDisk('k8s-run, the portable folder'),
  'size, gzip': () => onDisk('the portable folder, gzip -6'),
  'size, zstd': () => onDisk('the portable folder, zstd -19'),
  'lost by the app alone': () => onACluster('restarts').cell('dies at once: the app alone', 'new connections'),
  'lost by an app that drains': () => onACluster('restarts').cell('drains: the app alone', 'new connections'),
  'date of the start': () => dateOf(benchmark(START)),
  'date of the memory': () => dateOf(benchmark(PRIVATE)),
  'date of the sizes': () => dateOf(benchmark(SIZE)),
  'date of the restarts': () => dateOf(onACluster('restarts')),
};

function dateOf({ date }: Measured): string {
  if (date === null) throw new Error('a figure in prose says when it was measured, and its table has no date');
  return date;
}
