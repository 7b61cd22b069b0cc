import type { Circumstances } from '../../test/rig/rollout/cell.ts';
import type { Result } from './players.ts';

/** All that one run of the bench came to. */
export type Run = {
  readonly machine: Readonly<Record<string, string>>;
  readonly circumstances: Circumstances;
  readonly loaded: readonly Result[];
  /** The same rollouts, with nobody who asks for anything. */
  readonly idle: readonly Result[];
};

/** How long k8s-run held the signal back, for each pod that went. */
export function heldIn({ rollouts }: Pick<Result, 'rollouts'>): readonly number[] {
  return rollouts.flatMap(({ terminations }) => terminations.flatMap(({ held }) => held ?? []));
}

export const inSeconds = (milliseconds: number): string => (milliseconds / 1_000).toFixed(1);
