import type { ProbeName } from '../lifecycle/state.ts';
import type { ProbeSpec } from './probe-spec.ts';

/**
 * A check beside the main probe of each of its tags. Those without `degraded` take part in the verdict; a failure of one
 * with it is told and changes nothing.
 */
export type HealthCheck = {
  readonly name: string;
  /** Where it was written, for the words of a mistake. */
  readonly source: string;
  readonly tags: readonly ProbeName[];
  readonly probe: ProbeSpec;
  readonly degraded: boolean;
};
