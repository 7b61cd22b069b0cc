/** What became of the requests of one kind. */
export type Tally = {
  made: number;
  /** By what the user saw: ECONNRESET, a status, `cut short` … */
  readonly failed: Record<string, number>;
  /** Those that came to nothing for a want of the generator's own; they are neither made nor failed. */
  readonly own: Record<string, number>;
  /** The longest that a request took from its start to its end or failure, in milliseconds. */
  slowest: number;
};

/** How a request went: null is served, else what the user saw. */
export type Outcome = string | null;

/** No port or descriptor left here: the generator's fault, not the app's. */
const OWN: ReadonlySet<string> = new Set(['EADDRINUSE', 'EADDRNOTAVAIL', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);

export function newTally(): Tally {
  return { made: 0, failed: {}, own: {}, slowest: 0 };
}

export function count(tally: Tally, outcome: Outcome, took: number): void {
  const isOwn = outcome !== null && OWN.has(outcome);
  if (!isOwn) tally.made += 1;
  tally.slowest = Math.max(tally.slowest, took);
  if (outcome === null) return;
  const column = isOwn ? tally.own : tally.failed;
  column[outcome] = (column[outcome] ?? 0) + 1;
}

/** What two loads came to together. */
export function added(one: Tally, other: Tally): Tally {
  const columns = (a: Tally['failed'], b: Tally['failed']): Tally['failed'] => {
    const all = { ...a };
    for (const [what, times] of Object.entries(b)) all[what] = (all[what] ?? 0) + times;
    return all;
  };
  return {
    made: one.made + other.made,
    failed: columns(one.failed, other.failed),
    own: columns(one.own, other.own),
    slowest: Math.max(one.slowest, other.slowest),
  };
}

export const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, each) => total + each, 0);
