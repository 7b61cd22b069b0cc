import { requests } from '../advice/phrases.ts';
import { formatSpan, sentence } from '../labels.ts';
import type { Rehearsal, VariantResult } from '../results.ts';
import { hasServed, type RunSummary, summarize, wasLoaded } from '../summary.ts';

/** The result in one line: what was worse, whether requests were lost or replicas killed. */
export function headline({ runs, appFailure }: Rehearsal): string {
  const [withK8sRun] = runs.filter(({ variant }) => variant === 'k8s-run');
  const [without] = runs.filter(({ variant }) => variant !== 'k8s-run');
  if (appFailure !== null || withK8sRun === undefined) return 'The app could not be rehearsed';
  if (without === undefined || (withK8sRun.appFailure !== null && without.appFailure !== null)) {
    return sentence(onOne(withK8sRun));
  }
  if (withK8sRun.appFailure === null && without.appFailure === null) return onBoth(without, withK8sRun);
  return `Without k8s-run ${onOne(without)}; with it ${onOne(withK8sRun)}`;
}

/** As a clause. */
function onOne(run: VariantResult): string {
  if (run.appFailure !== null) return hasServed(run) ? 'the rollout did not finish' : 'no replica became ready';
  const losses = lossesOf(summarize(run)).filter(({ count }) => count > 0);
  if (losses.length === 0) return nothingLost(run);
  return losses.map(({ text }) => text).join(', ');
}

const nothingLost = (run: VariantResult): string =>
  wasLoaded(run) ? 'the rollout lost nothing' : 'every old replica exited in time';

type Loss = { readonly count: number; readonly text: string };

function lossesOf({ failed, killed }: RunSummary): readonly Loss[] {
  return [
    { count: failed, text: `${requests(failed)} lost` },
    { count: killed.length, text: `${killed.length === 1 ? '1 replica' : `${killed.length} replicas`} killed` },
  ];
}

/** Times that differ less are not worth a headline. */
const MUCH = 1.5;

function onBoth(without: VariantResult, withK8sRun: VariantResult): string {
  const summaries = [summarize(without), summarize(withK8sRun)] as const;
  const [before, after] = [lossesOf(summaries[0]), lossesOf(summaries[1])];
  const kinds = before.map((_, index) => index).filter((index) => (before[index]?.count || after[index]?.count) !== 0);
  if (kinds.length === 0) return `${sentence(nothingLost(withK8sRun))}, with k8s-run or without it`;
  const first = kinds.map((index) => before[index]?.text).join(' and ');
  const second = kinds.map((index) => after[index]?.count).join(' and ');
  const [longer, shorter] = [longestRollout(without), longestRollout(withK8sRun)];
  // An app that has to be killed makes its rollout long; a delay does, too, and costs nobody anything.
  const isSlow =
    summaries.some(({ killed }) => killed.length > 0) && Math.max(longer / shorter, shorter / longer) > MUCH;
  const times = isSlow ? [` in ${formatSpan(longer)}`, ` in ${formatSpan(shorter)}`] : ['', ''];
  return `${first}${times[0]} without k8s-run, ${second}${times[1]} with it`;
}

const longestRollout = ({ rollouts, took }: VariantResult): number =>
  rollouts.length === 0 ? took : Math.max(...rollouts.map(({ from, to }) => to - from));
