import type { Config } from './config/parse.ts';

/** What the app is started with, and what of it the user should know; or why it cannot be had. */
export type AppEnvironment =
  | { readonly environment: NodeJS.ProcessEnv; readonly remarks: readonly string[] }
  | { readonly problem: string };

/** Reads it as it is now; again before each restart, for what is mounted may have changed. */
export type EnvironmentReader = () => AppEnvironment;

/** The container's own environment, with what the options add to it. Nothing is loaded for options that were not given. */
export async function environmentReader(config: Config, own: NodeJS.ProcessEnv): Promise<EnvironmentReader> {
  if (config.envDir.length === 0) return () => ({ environment: own, remarks: [] });
  const { variablesIn } = await import('./mounted/env-dir.ts');
  return () => {
    const mounted = variablesIn(config.envDir);
    if ('problem' in mounted) return mounted;
    return { environment: { ...own, ...mounted.variables }, remarks: mounted.remarks };
  };
}
