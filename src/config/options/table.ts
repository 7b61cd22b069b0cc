import { ENVIRONMENT } from './environment.ts';
import { FILE } from './file.ts';
import { HEALTH } from './health.ts';
import { HOOKS } from './hooks.ts';
import { LOG } from './log.ts';
import { PROBES } from './probes.ts';
import { RESTART } from './restart.ts';
import type { Option } from './row.ts';
import { SHUTDOWN } from './shutdown.ts';
import { SIGNALS } from './signals.ts';

export type { LogLevel } from './log.ts';
export { type Option, type OptionGroup, variableFor } from './row.ts';

type Rows = typeof FILE &
  typeof HEALTH &
  typeof PROBES &
  typeof SHUTDOWN &
  typeof SIGNALS &
  typeof ENVIRONMENT &
  typeof HOOKS &
  typeof RESTART &
  typeof LOG;

/** THE table: every option, in the order in which mistakes are reported. */
export const OPTIONS: Rows = {
  ...FILE,
  ...HEALTH,
  ...PROBES,
  ...SHUTDOWN,
  ...SIGNALS,
  ...ENVIRONMENT,
  ...HOOKS,
  ...RESTART,
  ...LOG,
};

export type OptionKey = keyof Rows;

/** The type of each option's value. Times are milliseconds, signals numbers; null: not set, or derived from another option. */
export type OptionValues = { readonly [K in OptionKey]: Rows[K] extends Option<infer T> ? T : never };
