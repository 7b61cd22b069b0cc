import { ENVIRONMENT_OPTIONS } from './environment.ts';
import { FILE_OPTIONS } from './file.ts';
import { HEALTH_OPTIONS } from './health.ts';
import { HOOK_OPTIONS } from './hooks.ts';
import { LOG_OPTIONS } from './log.ts';
import { PROBE_OPTIONS } from './probes.ts';
import { RESTART_OPTIONS } from './restart.ts';
import type { Option } from './row.ts';
import { SHUTDOWN_OPTIONS } from './shutdown.ts';
import { SIGNAL_OPTIONS } from './signals.ts';

export type { LogLevel } from './log.ts';
export { type Option, type OptionGroup, variableFor } from './row.ts';

type Rows = typeof FILE_OPTIONS &
  typeof HEALTH_OPTIONS &
  typeof PROBE_OPTIONS &
  typeof SHUTDOWN_OPTIONS &
  typeof SIGNAL_OPTIONS &
  typeof ENVIRONMENT_OPTIONS &
  typeof HOOK_OPTIONS &
  typeof RESTART_OPTIONS &
  typeof LOG_OPTIONS;

/** THE table: every option, in the order in which mistakes are reported. */
export const OPTIONS: Rows = {
  ...FILE_OPTIONS,
  ...HEALTH_OPTIONS,
  ...PROBE_OPTIONS,
  ...SHUTDOWN_OPTIONS,
  ...SIGNAL_OPTIONS,
  ...ENVIRONMENT_OPTIONS,
  ...HOOK_OPTIONS,
  ...RESTART_OPTIONS,
  ...LOG_OPTIONS,
};

export type OptionKey = keyof Rows;

/** The type of each option's value. Times are milliseconds, signals numbers; null: not set, or derived from another option. */
export type OptionValues = { readonly [K in OptionKey]: Rows[K] extends Option<infer T> ? T : never };
