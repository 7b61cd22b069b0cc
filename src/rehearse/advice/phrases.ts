import type { PodTimeline } from '../pod/pod-timeline.ts';

export const requests = (count: number): string => (count === 1 ? '1 request' : `${count} requests`);
export const wasOrWere = (count: number): string => (count === 1 ? 'was' : 'were');
export const namesOf = (pods: readonly PodTimeline[]): string => pods.map(({ name }) => name).join(' and ');
