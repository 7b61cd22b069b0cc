import type { PodTimeline } from './pod-timeline.ts';

/** What a pod is doing. `delaying`: it is deleted and still serves, because its app has not been signalled yet. */
export type PodState = 'starting' | 'serving' | 'delaying' | 'stopping' | 'killed' | 'exited';

/** The state at a time in milliseconds since the run began; null before the pod was started. */
export function podStateAt(pod: PodTimeline, at: number): PodState | null {
  if (pod.started === null || at < pod.started) return null;
  if (pod.exited !== null && at >= pod.exited) return pod.killed === null ? 'exited' : 'killed';
  if (pod.signalled !== null && at >= pod.signalled) return 'stopping';
  if (pod.deleted !== null && at >= pod.deleted) return 'delaying';
  return pod.ready === null || at < pod.ready ? 'starting' : 'serving';
}
