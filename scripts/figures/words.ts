/** Figures as prose has them: with the digits that hold from one run to the next, and a unit. */

/** With two significant digits: 37.7 → 38, 1.551 → 1.6, 216 → 220. */
export function rounded(value: number): string {
  const digits = Number(value.toPrecision(2));
  return Math.abs(digits) >= 10 ? String(digits) : digits.toFixed(digits >= 1 ? 1 : 2).replace(/\.?0+$/, '');
}

export function milliseconds(value: number): string {
  return value < 1000 ? `${rounded(value)} ms` : `${rounded(value / 1000)} s`;
}

export function mebibytes(value: number): string {
  return `${rounded(value)} MiB`;
}

/** The size of a file, of mebibytes, in the units of a download: kB or MB. */
export function size(mebibytes: number): string {
  const bytes = mebibytes * 2 ** 20;
  if (bytes < 1e6) return `${rounded(bytes / 1e3)} kB`;
  return `${bytes < 1e8 ? rounded(bytes / 1e6) : Math.round(bytes / 1e6)} MB`;
}

/** From the least to the largest of them, or the one that they all are: 11 to 12. */
export function range(values: readonly number[]): string {
  const ends = [rounded(Math.min(...values)), rounded(Math.max(...values))];
  return [...new Set(ends)].join(' to ');
}
