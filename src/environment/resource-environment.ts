import { readLimits } from '../resources/read-limits.ts';
import { withSettings } from './runtime-settings.ts';

/** The app's environment with the settings that follow from the container's limits, and the problems in reading the limits. */
export function resourceEnvironment(environment: NodeJS.ProcessEnv): {
  readonly environment: NodeJS.ProcessEnv;
  readonly problems: readonly string[];
} {
  const limits = readLimits();
  return { environment: withSettings(environment, limits), problems: limits.problems };
}
