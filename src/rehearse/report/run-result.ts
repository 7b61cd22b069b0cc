import type { VariantResult } from '../results.ts';
import { hasServed, summarize } from '../summary.ts';

/** The result of one run in a few words. `number` is shown large, where there is one. */
export type ShownResult = {
  readonly number: string;
  readonly text: string;
  /** `plain`: nothing was lost, but no request was sent either. */
  readonly kind: 'lost' | 'kept' | 'plain';
};

/** By what was worst: an app that did not serve, lost requests, killed replicas. */
export function resultOf(run: VariantResult): ShownResult {
  const { sent, failed, killed } = summarize(run);
  const ofRequests = sent === 0 ? '' : `of ${sent} requests failed`;
  const deleted = run.pods.filter((pod) => pod.deleted !== null).length;
  const ofKilled = `of ${deleted} old replicas killed`;
  if (run.appFailure !== null) {
    const text = hasServed(run) ? 'the rollout did not finish' : 'no replica became ready';
    return { number: '', text: sent === 0 ? text : `${text}, ${failed} ${ofRequests}`, kind: 'lost' };
  }
  if (failed > 0) {
    const others = killed.length === 0 ? '' : `, ${killed.length} ${ofKilled}`;
    return { number: String(failed), text: `${ofRequests}${others}`, kind: 'lost' };
  }
  if (killed.length > 0) {
    const others = sent === 0 ? '' : `, 0 ${ofRequests}`;
    return { number: String(killed.length), text: `${ofKilled}${others}`, kind: 'lost' };
  }
  if (sent > 0) return { number: '0', text: ofRequests, kind: 'kept' };
  // Whether a worker gave up a task is not known.
  return deleted === 0
    ? { number: '', text: 'no requests', kind: 'plain' }
    : { number: '0', text: ofKilled, kind: 'plain' };
}
