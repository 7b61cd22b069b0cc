import type { Load, Sample, Side } from './facts.ts';

/** What a side comes to in numbers. Times in milliseconds. */
export type Figures = {
  readonly made: number;
  readonly failed: number;
  /** By what their users saw, the most frequent first. */
  readonly failures: readonly (readonly [what: string, count: number])[];
  readonly latency: { readonly median: number; readonly p99: number; readonly most: number } | null;
  /** The longest time in which nobody got an answer. */
  readonly stall: number;
  readonly untilReady: readonly number[];
  readonly killed: readonly string[];
  readonly exitCodes: readonly (readonly [code: number, count: number])[];
  readonly leftovers: readonly string[];
};

export function figuresOf({ load, pods }: Side): Figures {
  const samples = load?.samples ?? [];
  const bad = samples.filter(({ failure }) => failure !== null);
  const good = samples.filter(({ failure }) => failure === null);
  const took = good.map((sample) => sample.took).sort((one, other) => one - other);
  const codes = pods.flatMap(({ deleted, exitCode }) => (deleted === null || exitCode === null ? [] : [exitCode]));
  return {
    made: samples.length,
    failed: bad.length,
    failures: tallied(bad.map(({ failure }) => failure ?? '')),
    latency:
      took.length === 0 ? null : { median: quantile(took, 0.5), p99: quantile(took, 0.99), most: took.at(-1) ?? 0 },
    stall: load === null ? 0 : stallOf(good, load),
    untilReady: pods.flatMap(({ started, ready }) => (started === null || ready === null ? [] : [ready - started])),
    killed: pods.flatMap(({ name, killed }) => (killed === null ? [] : [name])),
    exitCodes: tallied(codes),
    leftovers: pods.flatMap(({ leftovers }) => leftovers),
  };
}

/** Of sorted values; the smallest that is not below so many of them. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? 0;
}

export function tallied<T>(values: readonly T[]): readonly (readonly [T, number])[] {
  const groups = [...Map.groupBy(values, (value) => value)].map(([value, all]) => [value, all.length] as const);
  return groups.sort((one, other) => other[1] - one[1]);
}

/** From an answer to the next one, where requests were being sent all the time. */
function stallOf(good: readonly Sample[], { samples, paused }: Load): number {
  const first = Math.min(...samples.map(({ at }) => at));
  const last = Math.max(...samples.map(({ at, took }) => at + took));
  const answers = good.map(({ at, took }) => at + took).sort((one, other) => one - other);
  const times = [first, ...answers, last];
  let longest = 0;
  for (let index = 1; index < times.length; index += 1) {
    const [from = 0, to = 0] = [times[index - 1], times[index]];
    const off = paused.reduce((all, span) => all + Math.max(0, Math.min(to, span.to) - Math.max(from, span.from)), 0);
    longest = Math.max(longest, to - from - off);
  }
  return Number.isFinite(longest) ? longest : 0;
}
