import type { Config } from '../config/config.ts';
import type { resourceEnvironment } from './resource-environment.ts';

/** What the app is started with, and what of it the user should know and was not told before; or why it cannot be had. */
export type AppEnvironment =
  | { readonly environment: NodeJS.ProcessEnv; readonly remarks: readonly string[] }
  | { readonly problems: readonly string[] };

/**
 * Reads it as it is now; again when something was done before the app's start, and before each restart, for what is mounted
 * may have changed, and so may the limits.
 */
export type EnvironmentReader = () => AppEnvironment;

/** The container's own environment, with what the options add to it. Nothing is loaded for options that were not given. */
export async function environmentReader(
  { envDir = [], resourceEnv }: Partial<Pick<Config, 'envDir' | 'resourceEnv'>>,
  own: NodeJS.ProcessEnv,
  /** What names the folders, as the user knows it. */
  source = '--env-dir',
): Promise<EnvironmentReader> {
  const variables = envDir.length === 0 ? null : (await import('./env-dir.ts')).variablesIn;
  const sized = resourceEnv ? await sizing() : null;
  const told = new Set<string>();
  return () => {
    const mounted = variables?.(envDir, source) ?? { variables: {}, remarks: [] };
    if ('problems' in mounted) return mounted;
    const environment = { ...own, ...mounted.variables };
    const result = sized?.(environment) ?? { environment, problems: [] };
    const remarks = [...mounted.remarks, ...result.problems].filter((remark) => !told.has(remark));
    for (const remark of remarks) told.add(remark);
    return { environment: result.environment, remarks };
  };
}

/** Whatever is wrong with the limits is no reason not to start the app. */
async function sizing(): Promise<typeof resourceEnvironment> {
  const without = (environment: NodeJS.ProcessEnv, error: unknown): ReturnType<typeof resourceEnvironment> => ({
    environment,
    problems: [`cannot read the container's limits for --resource-env: ${(error as Error).message}`],
  });
  try {
    const room = await import('./resource-environment.ts');
    return (environment) => {
      try {
        return room.resourceEnvironment(environment);
      } catch (error) {
        return without(environment, error);
      }
    };
  } catch (error) {
    return (environment) => without(environment, error);
  }
}
