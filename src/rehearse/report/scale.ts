/** The marks of an axis from 0 to `most`: round numbers, at most `count` steps. */
export function ticks(most: number, count: number): readonly number[] {
  const rough = most / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, Number.MIN_VALUE)));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, index) => index * step);
}

/** Maps values to 0 (`least` and below) up to 1 (`most` and above) by their logarithm, so that 2 ms and 2 s both can be seen. */
export function logarithmic(least: number, most: number): (value: number) => number {
  const [from, to] = [Math.log10(least), Math.log10(Math.max(most, least * 10))];
  return (value) => Math.min(1, Math.max(0, (Math.log10(Math.max(value, least)) - from) / (to - from)));
}

/** The powers of ten from `least` to `most`. */
export function decades(least: number, most: number): readonly number[] {
  const found: number[] = [];
  for (let value = 10 ** Math.ceil(Math.log10(least)); value <= most * 1.001; value *= 10) found.push(value);
  return found;
}
