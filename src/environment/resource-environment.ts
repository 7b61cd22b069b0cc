import { readLimits } from '../resources/read-limits.ts';
import { RUNTIME_RULES, type SettingOption } from './runtime-rules.ts';
import { withSettings } from './runtime-settings.ts';

/**
 * The app's environment with what these options set from the container's limits, the problems in reading the limits, and the names of
 * all variables that the options may set.
 */
export function resourceEnvironment(
  environment: NodeJS.ProcessEnv,
  options: ReadonlySet<SettingOption>,
): {
  readonly environment: NodeJS.ProcessEnv;
  readonly problems: readonly string[];
  readonly names: readonly string[];
} {
  const limits = readLimits();
  const names = RUNTIME_RULES.filter(({ option }) => options.has(option)).map(({ name }) => name);
  return { environment: withSettings(environment, limits, options), problems: limits.problems, names };
}
