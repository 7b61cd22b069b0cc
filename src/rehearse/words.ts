import type { Side, Story, Way } from './facts.ts';

/** How each way to run the app is called. */
export const WAYS: Readonly<Record<Way, string>> = {
  'k8s-run': 'with k8s-run',
  alone: 'without, as PID 1',
  init: 'without, under an init',
};

/** What stands over what was seen of each. */
export const TITLES: Readonly<Record<Way, string>> = {
  'k8s-run': 'What to change',
  alone: 'Without k8s-run, as PID 1',
  init: 'Without k8s-run, under an init',
};

/** What a pod is doing at a time; null before it was started. */
export type State = 'starting' | 'serving' | 'pausing' | 'stopping' | 'killed' | 'gone';

export function stateAt(story: Story, at: number): State | null {
  if (story.started === null || at < story.started) return null;
  if (story.ended !== null && at >= story.ended) return story.killed === null ? 'gone' : 'killed';
  if (story.signalled !== null && at >= story.signalled) return 'stopping';
  if (story.deleted !== null && at >= story.deleted) return 'pausing';
  return story.ready === null || at < story.ready ? 'starting' : 'serving';
}

/** Seconds with as many digits as a reader can use. */
export function seconds(milliseconds: number): string {
  const value = milliseconds / 1_000;
  return `${value < 0.0995 ? value.toFixed(3) : value < 9.95 ? value.toFixed(2) : value.toFixed(1)} s`;
}

export const span = (milliseconds: number): string =>
  milliseconds < 1_000 ? `${Math.round(milliseconds)} ms` : seconds(milliseconds);

/** 143 says little to who does not know that it is 128 and the signal. */
export function exitCodeWords(code: number): string {
  const signals: Readonly<Record<number, string>> = { 130: 'SIGINT', 137: 'SIGKILL', 139: 'SIGSEGV', 143: 'SIGTERM' };
  return signals[code] === undefined ? String(code) : `${code} (${signals[code]})`;
}

/** Whether a side lost something: requests, or a pod that had to be killed. */
export function hasLost({ load, pods, broken }: Side): boolean {
  return (
    broken !== null ||
    pods.some(({ killed }) => killed !== null) ||
    (load?.samples.some(({ failure }) => failure !== null) ?? false)
  );
}
