import type { Milliseconds, Standing } from '../lifecycle/state.ts';

/**
 * How a named check stands, and since when (on the monotonic clock). A failure of a `degraded` one is reported, but is no part of the
 * verdict.
 */
export type CheckStanding = {
  readonly name: string;
  readonly degraded: boolean;
  readonly standing: Standing;
  readonly changedAt: Milliseconds;
};

/** One of the probes that a verdict is made of: the main one, which has no name, or a named check. */
export type ProbeMember = Omit<CheckStanding, 'name' | 'changedAt'> & { readonly name: string | null };

/** All must pass. A failing member decides before a pending one, and each reason names its check. */
export function combineStandings(members: readonly ProbeMember[]): Standing {
  const counted = members.filter(({ degraded }) => !degraded);
  for (const kind of ['failing', 'pending'] as const) {
    const found = counted.flatMap(({ name, standing }) => (standing.kind === kind ? [{ name, ...standing }] : []));
    const [first] = found;
    if (first === undefined) continue;
    // The warning about a throttled CPU depends on timeouts, so another check's failure must not hide one.
    const cause = found.some((each) => each.cause === 'timeout') ? 'timeout' : first.cause;
    const reasons = found.map(({ name, reason }) => (name === null ? reason : `${name}: ${reason}`));
    return { kind, cause, reason: reasons.join('; ') };
  }
  const main = members.find(({ name }) => name === null)?.standing;
  return main?.kind === 'passing' ? main : { kind: 'passing' };
}
