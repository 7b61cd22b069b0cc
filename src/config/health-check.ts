import type { ProbeName } from '../lifecycle/state.ts';
import type { Place } from './config.ts';
import type { ProbeSpec } from './probe-spec.ts';

/**
 * A named health check of the configuration file, beside the main probes. It takes part in the verdict of each of its tags,
 * unless it is `degraded`: then a failure is only reported.
 */
export type HealthCheck = {
  readonly name: string;
  /** Its position in the file, for mistakes. */
  readonly source: string;
  readonly place?: Place;
  readonly tags: readonly ProbeName[];
  readonly probe: ProbeSpec;
  readonly degraded: boolean;
};
