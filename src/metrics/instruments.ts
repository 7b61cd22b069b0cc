/**
 * Counters and histograms as plain numbers, so that counting costs an addition and loads no library. They get their metric
 * names and are rendered only when /metrics is scraped.
 */

/** Label values by label name. */
export type Labels = Readonly<Record<string, string>>;
export type MetricSample = { readonly labels: Labels; readonly value: number };

export type Counter = {
  /** Adds one to the series with these label values, in the order of the label names. */
  readonly add: (...values: readonly string[]) => void;
  readonly samples: () => readonly MetricSample[];
};

/** The series in `known` exist from the start, with 0: Prometheus cannot see the first increase of a series that begins with 1. */
export function counter(names: readonly string[], known: readonly (readonly string[])[]): Counter {
  const counts = new Map(known.map((values) => [values.join(SEPARATOR), 0]));
  return {
    add(...values) {
      const key = values.join(SEPARATOR);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    },
    samples: () => [...counts].map(([key, value]) => ({ labels: labelled(names, key), value })),
  };
}

/** How many values fell between two bounds; the last count is of the values above all of them. Not cumulative. */
export type Distribution = {
  readonly labels: Labels;
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
};

export type Histogram = {
  readonly observe: (value: number, ...values: readonly string[]) => void;
  readonly distributions: () => readonly Distribution[];
};

/** `bounds` ascend. A value that equals a bound belongs below it, as `le` (less than or equal) says. */
export function histogram(
  names: readonly string[],
  bounds: readonly number[],
  known: readonly (readonly string[])[],
): Histogram {
  const empty = (): { sum: number; readonly counts: number[] } => ({
    sum: 0,
    counts: Array.from({ length: bounds.length + 1 }, () => 0),
  });
  const series = new Map(known.map((values) => [values.join(SEPARATOR), empty()]));
  return {
    observe(value, ...values) {
      const key = values.join(SEPARATOR);
      const slot = series.get(key) ?? empty();
      series.set(key, slot);
      const found = bounds.findIndex((bound) => value <= bound);
      const index = found < 0 ? bounds.length : found;
      slot.counts[index] = (slot.counts[index] ?? 0) + 1;
      slot.sum += value;
    },
    distributions: () => [...series].map(([key, slot]) => ({ labels: labelled(names, key), bounds, ...slot })),
  };
}

/** Occurs in no label value. */
const SEPARATOR = '\0';

function labelled(names: readonly string[], key: string): Labels {
  const values = key.split(SEPARATOR);
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}
