import type { Config } from '../config/config.ts';
import type { MountedVariables } from './env-dir.ts';
import type { resourceEnvironment } from './resource-environment.ts';
import type { SettingOption } from './runtime-rules.ts';

/** The environment of the app, with new sentences for the log; or the error messages for what cannot be read. */
export type AppEnvironment =
  | { readonly environment: NodeJS.ProcessEnv; readonly remarks: readonly string[] }
  | { readonly problems: readonly string[] };

export type EnvironmentReader = {
  /**
   * Reads the environment as it is now. It is called again when something was done before the app's start, and before each
   * restart, because mounted files and limits may have changed.
   */
  readonly read: () => AppEnvironment;
  /** The options that set variables from the limits, by their flags; without one nothing is ever outdated. */
  readonly sizes: readonly SettingOption[];
  /** Names of the variables that these options would set otherwise now than the app has them. Never fails. */
  readonly outdated: (has: NodeJS.ProcessEnv) => readonly string[];
};

/**
 * The container's own environment with what `--env-dir`, `--resource-env` and `--web-concurrency` add. Loads nothing for an option
 * that is not set.
 */
export async function environmentReader(
  { envDir = [], resourceEnv, webConcurrency }: Partial<Pick<Config, 'envDir' | 'resourceEnv' | 'webConcurrency'>>,
  own: NodeJS.ProcessEnv,
  /** How the user set the folders: the flag, the variable or the key of the file. */
  source = '--env-dir',
  /** What is added last, because it must see what the other options have set. */
  addLast: (environment: NodeJS.ProcessEnv) => NodeJS.ProcessEnv = (environment) => environment,
): Promise<EnvironmentReader> {
  const variables = envDir.length === 0 ? null : (await import('./env-dir.ts')).variablesIn;
  const options = new Set<SettingOption>([
    ...(resourceEnv ? (['resource-env'] as const) : []),
    ...(webConcurrency ? (['web-concurrency'] as const) : []),
  ]);
  const addSettings = options.size > 0 ? await loadResourceEnvironment(options) : null;
  const remarked = new Set<string>();
  const readMounted = (): MountedVariables => variables?.(envDir, source) ?? { variables: {}, remarks: [] };
  return {
    read() {
      const mounted = readMounted();
      if ('problems' in mounted) return mounted;
      const environment = { ...own, ...mounted.variables };
      const result = addSettings?.(environment) ?? { environment, problems: [] };
      const remarks = [...mounted.remarks, ...result.problems].filter((remark) => !remarked.has(remark));
      for (const remark of remarks) remarked.add(remark);
      return { environment: addLast(result.environment), remarks };
    },
    sizes: [...options],
    outdated(has) {
      const mounted = readMounted();
      if (addSettings === null || 'problems' in mounted) return [];
      const environment = { ...own, ...mounted.variables };
      const { environment: sized, problems, names } = addSettings(environment);
      if (problems.length > 0) return [];
      const fits = addLast(sized);
      return names.filter((name) => environment[name] === undefined && has[name] !== fits[name]);
    },
  };
}

/** Never fails: an error in reading the limits must not prevent the start of the app. */
async function loadResourceEnvironment(
  options: ReadonlySet<SettingOption>,
): Promise<(environment: NodeJS.ProcessEnv) => ReturnType<typeof resourceEnvironment>> {
  const flags = [...options].map((option) => `--${option}`).join(' and ');
  const without = (environment: NodeJS.ProcessEnv, error: unknown): ReturnType<typeof resourceEnvironment> => ({
    environment,
    problems: [`cannot read the container's limits for ${flags}: ${(error as Error).message}`],
    names: [],
  });
  try {
    const room = await import('./resource-environment.ts');
    return (environment) => {
      try {
        return room.resourceEnvironment(environment, options);
      } catch (error) {
        return without(environment, error);
      }
    };
  } catch (error) {
    return (environment) => without(environment, error);
  }
}
