/** The values of one contender, one per round. */
export type Samples = { readonly name: string; readonly values: readonly number[] };

/** Lower is better, except for answers/s. */
export type Unit = 'ms' | 'MiB' | 'ms/s' | 'answers/s';

/** A bound for the median of `row`, for its ratio to the yardstick's median, or for the worst of its values. */
export type Target = ({ readonly atMost: number } | { readonly atLeast: number }) & {
  readonly row: string;
  readonly of: 'median' | 'ratio' | 'worst';
  /** The parts of the figure, printed when the target is missed. */
  readonly madeOf: string;
};

/** A quantity measured on several contenders. */
export type Comparison = {
  readonly kind: 'comparison';
  readonly title: string;
  readonly method: string;
  readonly unit: Unit;
  readonly yardstick: string | null;
  readonly rows: readonly Samples[];
  /** The base name of its SVG; without one there is no plot. */
  readonly plot?: string;
  readonly targets: readonly Target[];
};

/** The number of signals that ended the contender, for each delay in milliseconds, out of `sent`. */
export type LossCurve = {
  readonly kind: 'loss curve';
  readonly title: string;
  readonly method: string;
  readonly delays: readonly number[];
  readonly sent: number;
  readonly rows: readonly { readonly name: string; readonly kept: readonly number[] }[];
};

/** A measure that cannot run on this machine, with the reason. */
export type Omission = { readonly kind: 'omission'; readonly title: string; readonly reason: string };

export type Result = Comparison | LossCurve | Omission;

/** The length of a run: `quick` gives rough figures, `full` those to publish. */
export type Effort = 'quick' | 'full';

/** One benchmark; `run` calls `progress` after each step. */
export type Measure = {
  readonly name: string;
  readonly run: (effort: Effort, progress: (done: string) => void) => Promise<readonly Result[]>;
};

/**
 * Measures the contenders alternately, so that other load on the machine affects all of them. Each round begins with a
 * different contender, and the first round, which fills the caches, does not count.
 */
export async function alternate<C extends { readonly name: string }>(
  contenders: readonly C[],
  rounds: number,
  once: (contender: C) => Promise<number>,
  progress: (done: string) => void,
): Promise<readonly Samples[]> {
  const values = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    const shift = round % contenders.length;
    for (const contender of [...contenders.slice(shift), ...contenders.slice(0, shift)]) {
      const value = await once(contender);
      if (round > 0) values.get(contender.name)?.push(value);
    }
    progress(`${round} of ${rounds}`);
  }
  return [...values].map(([name, each]) => ({ name, values: each }));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}

export const least = (values: readonly number[]): number => Math.min(...values);
