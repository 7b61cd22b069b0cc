import type { PodTimeline } from '../pod/pod-timeline.ts';
import { countedCuts } from '../summary.ts';

export const requests = (count: number): string => (count === 1 ? '1 request' : `${count} requests`);
export const wasOrWere = (count: number): string => (count === 1 ? 'was' : 'were');

/** What k8s-run itself counted, as a sentence; '' where it said nothing. */
export function countedSentence(pods: readonly PodTimeline[]): string {
  const count = countedCuts(pods) ?? 0;
  return count === 0 ? '' : `k8s-run counted ${requests(count)} in flight when the app ended.`;
}

export const namesOf = (pods: readonly PodTimeline[]): string => pods.map(({ name }) => name).join(' and ');
