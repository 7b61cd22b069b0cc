import type { Pod } from '../pod/pod.ts';
import type { PodProbePlan } from '../pod/pod-probes.ts';
import type { RehearsalSettings, Variant } from '../results.ts';

/** One variant, and how its rollouts are to be run. Times in milliseconds. */
export type RunPlan = {
  readonly variant: Variant;
  readonly command: (port: number) => readonly string[];
  /** Whether that command puts the app into a PID namespace of its own. */
  readonly inPidNamespace: boolean;
  readonly environment: (port: number) => NodeJS.ProcessEnv;
  readonly nextPort: () => Promise<number>;
  readonly settings: RehearsalSettings;
  /** With 0 an old pod has exited before the new one starts, because two cannot run on one machine. */
  readonly surge: 0 | 1;
  /** Whether requests are sent. */
  readonly loaded: boolean;
  readonly probes: Omit<PodProbePlan, 'variant'>;
  readonly preStop: (pod: Pod, cancelled: AbortSignal) => Promise<unknown>;
  /** A pod that is not ready after this long counts as failed. */
  readonly readyWithin: number;
  /** Time under load before the first rollout and after each. */
  readonly settle: number;
  /** The least time under load altogether. */
  readonly duration: number;
};
