import { readLimits } from './container/limits.ts';
import type { Log } from './log/log.ts';
import { withSettings } from './runtimes/settings.ts';

/** The app's environment with what follows from the container's limits. What cannot be understood of them is said. */
export function resourceEnvironment(environment: NodeJS.ProcessEnv, log: Pick<Log, 'write'>): NodeJS.ProcessEnv {
  const limits = readLimits();
  for (const problem of limits.problems) log.write('warn', 'warning', problem);
  return withSettings(environment, limits);
}
