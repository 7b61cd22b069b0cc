import type { Circumstances } from '../../test/rig/rollout/cell.ts';
import type { Result } from './players.ts';

/** The results of one run of the bench. */
export type Run = {
  readonly machine: Readonly<Record<string, string>>;
  readonly circumstances: Circumstances;
  readonly loaded: readonly Result[];
  /** The same rollouts without requests. */
  readonly idle: readonly Result[];
};

/** Milliseconds for which k8s-run held the signal back, one value per terminated pod. */
export function heldIn({ rollouts }: Pick<Result, 'rollouts'>): readonly number[] {
  return rollouts.flatMap(({ terminations }) => terminations.flatMap(({ held }) => held ?? []));
}

export const inSeconds = (milliseconds: number): string => (milliseconds / 1_000).toFixed(1);
