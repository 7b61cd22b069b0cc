/** Counts of the requests of one kind. */
export type RequestCounts = {
  made: number;
  /** By failure, as the user sees it: ECONNRESET, a status, `cut short` … */
  readonly failed: Record<string, number>;
  /** Requests that the generator could not make; they are neither made nor failed. */
  readonly own: Record<string, number>;
  /** The longest time of a request, in milliseconds. */
  slowest: number;
};

/** The result of a request: null: served; else the failure as the user sees it. */
export type Outcome = string | null;

/** No port or descriptor left: errors of the generator, not of the app. */
const OWN: ReadonlySet<string> = new Set(['EADDRINUSE', 'EADDRNOTAVAIL', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);

export function emptyCounts(): RequestCounts {
  return { made: 0, failed: {}, own: {}, slowest: 0 };
}

export function count(requestCounts: RequestCounts, outcome: Outcome, took: number): void {
  const isOwn = outcome !== null && OWN.has(outcome);
  if (!isOwn) requestCounts.made += 1;
  requestCounts.slowest = Math.max(requestCounts.slowest, took);
  if (outcome === null) return;
  const column = isOwn ? requestCounts.own : requestCounts.failed;
  column[outcome] = (column[outcome] ?? 0) + 1;
}

/** The sum of the counts of two loads. */
export function added(one: RequestCounts, other: RequestCounts): RequestCounts {
  const columns = (a: RequestCounts['failed'], b: RequestCounts['failed']): RequestCounts['failed'] => {
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
