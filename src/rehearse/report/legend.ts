/** What the colours of the picture mean. */
export const LEGEND: readonly (readonly [colour: string, text: string])[] = [
  ['var(--starting)', 'starting'],
  ['var(--serving)', 'serving'],
  ['var(--delaying)', 'delaying (deleted, still serving)'],
  ['var(--stopping)', 'stopping'],
  ['var(--routed)', 'nodes still route to it'],
  ['var(--lost)', 'failed, killed'],
  ['var(--band)', 'rollout'],
];
