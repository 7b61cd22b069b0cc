import type { Standing } from '../lifecycle/state.ts';

/** One of the probes that a verdict is made of. The main one has no name. */
export type ProbeMember = {
  readonly name: string | null;
  /** Its failure is told, and is no part of the verdict. */
  readonly degraded: boolean;
  readonly standing: Standing;
};

/** All must pass. What fails goes before what has not passed yet, and each reason names its check. */
export function combineStandings(members: readonly ProbeMember[]): Standing {
  const counted = members.filter(({ degraded }) => !degraded);
  for (const kind of ['failing', 'pending'] as const) {
    const found = counted.flatMap(({ name, standing }) => (standing.kind === kind ? [{ name, ...standing }] : []));
    const [first] = found;
    if (first === undefined) continue;
    // A timeout is what the warning about a throttled CPU looks for, so it is not hidden by another check's failure.
    const cause = found.some((each) => each.cause === 'timeout') ? 'timeout' : first.cause;
    const reasons = found.map(({ name, reason }) => (name === null ? reason : `${name}: ${reason}`));
    return { kind, cause, reason: reasons.join('; ') };
  }
  return { kind: 'passing' };
}
