/** Numbers from 0 up to 1, the same ones again for the same seed. */
export type Random = () => number;

/** FNV-1a makes a number of the seed, mulberry32 the sequence: small, and good enough to draw lots with. */
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

/** From `least` to `most`, each as likely. */
export const between = (random: Random, [least, most]: Range): number => least + random() * (most - least);

/** From `least` to `most`, short ones more often: each doubling is as likely as the next (log-uniform). */
export const mostlyShort = (random: Random, [least, most]: Range): number => least * (most / least) ** random();

export type Range = readonly [least: number, most: number];
