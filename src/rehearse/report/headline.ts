import { requests } from '../advice/phrases.ts';
import type { Rehearsal } from '../results.ts';
import { hasLost, summarize } from '../summary.ts';

/** The result in one line. */
export function headline({ runs, appFailure }: Rehearsal): string {
  const [withK8sRun] = runs.filter(({ variant }) => variant === 'k8s-run');
  const [without] = runs.filter(({ variant }) => variant !== 'k8s-run');
  if (appFailure !== null || withK8sRun === undefined) return 'The app could not be rehearsed';
  if (withK8sRun.appFailure !== null) return 'The rollout did not finish';
  const { failed } = summarize(withK8sRun);
  if (without !== undefined) {
    const failedWithout = summarize(without).failed;
    if (failedWithout !== failed) return `${requests(failedWithout)} lost without k8s-run, ${failed} with it`;
  }
  if (!hasLost(withK8sRun)) return 'The rollout lost nothing';
  return failed > 0 ? `The rollout lost ${requests(failed)}` : 'A replica had to be killed';
}
