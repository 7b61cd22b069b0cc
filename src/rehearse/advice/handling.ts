import type { PodTimeline, SignalHandling } from '../pod/pod-timeline.ts';

/** Replicas that did the same with the stop signal, and went on in the same way. */
export type AlikePods = {
  readonly pods: readonly PodTimeline[];
  readonly handling: SignalHandling | null;
  readonly keptListening: boolean;
};

/** One group for each different behaviour, so that advice is given once for all replicas that need it. */
export function byBehaviour(pods: readonly PodTimeline[]): readonly AlikePods[] {
  const groups = Map.groupBy(pods, ({ handling, keptListening }) => `${handling} ${keptListening === true}`);
  return [...groups.values()].map((alike) => ({
    pods: alike,
    handling: alike[0]?.handling ?? null,
    keptListening: alike[0]?.keptListening === true,
  }));
}

/** What the app did with the signal, as the beginning of a sentence. `isPid1`: of a container or a PID namespace. */
export function reaction(
  { handling, keptListening }: Pick<AlikePods, 'handling' | 'keptListening'>,
  signal: string,
  isPid1: boolean,
): string {
  const went = keptListening ? 'went on listening' : 'was still running at the end of its time';
  switch (handling) {
    case 'caught':
      return `The app catches ${signal}, but ${went}`;
    case 'caught once':
      return isPid1
        ? `The app took ${signal} but ${went}, and has no handler for it any more. Node without a handler of the app only raises the signal again, which does nothing to PID 1 of a container`
        : `The app took the first ${signal}, but ${went}`;
    case 'ignored':
      return `The app ignores ${signal}`;
    case 'blocked':
      return `The app blocks ${signal}, and ${went}`;
    case 'default':
      if (isPid1) return `The app has no handler for ${signal}, which does nothing to PID 1 of a container then`;
      return `The app has no handler for ${signal}, and ${went} all the same`;
    case null:
      return `${signal} did not end the app`;
  }
}
