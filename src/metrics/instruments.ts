/**
 * What is counted while k8s-run runs, as plain numbers: counting is an addition, with no library and no timer behind it.
 * Nothing is summed up, named or put into words before somebody asks for it.
 */

/** Names of labels and their values, as Prometheus has them. */
export type Labels = Readonly<Record<string, string>>;
export type MetricSample = { readonly labels: Labels; readonly value: number };

export type Counter = {
  /** One more, for these values of the labels. */
  readonly add: (...values: readonly string[]) => void;
  readonly samples: () => readonly MetricSample[];
};

/** `known` are there from the start, with 0: Prometheus cannot see the first step of a series that begins with 1. */
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

/** How often a value fell between two bounds; the last count is of what lies above all of them. Not cumulative. */
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

/** `bounds` ascend; a value that is equal to one belongs below it, as `le` says. */
export function histogram(
  names: readonly string[],
  bounds: readonly number[],
  known: readonly (readonly string[])[],
): Histogram {
  const fresh = (): { sum: number; readonly counts: number[] } => ({
    sum: 0,
    counts: Array.from({ length: bounds.length + 1 }, () => 0),
  });
  const kept = new Map(known.map((values) => [values.join(SEPARATOR), fresh()]));
  return {
    observe(value, ...values) {
      const key = values.join(SEPARATOR);
      const slot = kept.get(key) ?? fresh();
      kept.set(key, slot);
      const found = bounds.findIndex((bound) => value <= bound);
      const index = found < 0 ? bounds.length : found;
      slot.counts[index] = (slot.counts[index] ?? 0) + 1;
      slot.sum += value;
    },
    distributions: () => [...kept].map(([key, slot]) => ({ labels: labelled(names, key), bounds, ...slot })),
  };
}

/** In no name of a signal, path or probe. */
const SEPARATOR = '\0';

function labelled(names: readonly string[], key: string): Labels {
  const values = key.split(SEPARATOR);
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}
