import type { Config } from './config/parse.ts';

/** What the app is started with, and what of it the user should know; or why it cannot be started. */
export type AppEnvironment =
  | { readonly environment: NodeJS.ProcessEnv; readonly remarks: readonly string[] }
  | { readonly problem: string };

/** The container's own environment, with what the options add to it. Nothing is loaded for options that were not given. */
export async function appEnvironment(config: Config, environment: NodeJS.ProcessEnv): Promise<AppEnvironment> {
  if (config.envDir.length === 0) return { environment, remarks: [] };
  const { variablesIn } = await import('./mounted/env-dir.ts');
  const mounted = variablesIn(config.envDir);
  if ('problem' in mounted) return mounted;
  return { environment: { ...environment, ...mounted.variables }, remarks: mounted.remarks };
}
