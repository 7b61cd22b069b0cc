/** What one contender gave, one value a repetition. */
export type Samples = { readonly name: string; readonly values: readonly number[] };

/** Less is better, but of answers a second. */
export type Unit = 'ms' | 'MiB' | 'ms/s' | 'answers/s';

/** A figure that was promised: the median of `row`, its ratio to the yardstick's median, or the worst of its values. */
export type Target = ({ readonly atMost: number } | { readonly atLeast: number }) & {
  readonly row: string;
  readonly of: 'median' | 'ratio' | 'worst';
  /** What the figure is made of, for those who read that it was missed. */
  readonly madeOf: string;
};

/** A quantity, measured on several contenders by turns. */
export type Comparison = {
  readonly kind: 'comparison';
  readonly title: string;
  readonly method: string;
  readonly unit: Unit;
  readonly yardstick: string | null;
  readonly rows: readonly Samples[];
  /** Drawn too, in a file of this name. */
  readonly plot?: string;
  readonly targets: readonly Target[];
};

/** How many of the signals sent after each delay were obeyed. */
export type LossCurve = {
  readonly kind: 'loss curve';
  readonly title: string;
  readonly method: string;
  readonly delays: readonly number[];
  readonly sent: number;
  readonly rows: readonly { readonly name: string; readonly kept: readonly number[] }[];
};

/** A measure that this machine does not allow, and why. */
export type Omission = { readonly kind: 'omission'; readonly title: string; readonly reason: string };

export type Result = Comparison | LossCurve | Omission;

/** How long a run may take: `quick` shows whether it works and roughly where it stands, `full` is for the record. */
export type Effort = 'quick' | 'full';

/** One idea of what to measure. */
export type Measure = {
  readonly name: string;
  readonly run: (effort: Effort, progress: (done: string) => void) => Promise<readonly Result[]>;
};

/**
 * Measures the contenders by turns, so that whatever else the machine does falls on all of them. Each round begins with
 * another one, and the first round, which fills the caches, does not count.
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
