import { readLimits } from '../resources/read-limits.ts';
import type { SettingOption } from './runtime-rules.ts';
import { withSettings } from './runtime-settings.ts';

/** The app's environment with what these options set from the container's limits, and the problems in reading the limits. */
export function resourceEnvironment(
  environment: NodeJS.ProcessEnv,
  options: ReadonlySet<SettingOption>,
): {
  readonly environment: NodeJS.ProcessEnv;
  readonly problems: readonly string[];
} {
  const limits = readLimits();
  return { environment: withSettings(environment, limits, options), problems: limits.problems };
}
