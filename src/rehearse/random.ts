/** A generator of numbers from 0 up to 1. */
export type Random = () => number;

/** The same seed gives the same numbers. FNV-1a hashes the seed, mulberry32 makes the sequence: small, and good enough here. */
export function randomOf(seed: string): Random {
  let state = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(seed)) state = Math.imul(state ^ byte, 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Uniform from `least` to `most`. */
export const between = (random: Random, [least, most]: Range): number => least + random() * (most - least);

/** From `least` to `most`, short ones more often: each doubling is as likely as the next (log-uniform). */
export const mostlyShort = (random: Random, [least, most]: Range): number => least * (most / least) ** random();

export type Range = readonly [least: number, most: number];
