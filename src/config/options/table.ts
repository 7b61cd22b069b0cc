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

/** THE table: every option, in the order in which mistakes are told. */
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

/** What each option is once it is read. Times are milliseconds, signals numbers; null: derived from something else. */
export type OptionValues = { readonly [K in OptionKey]: Rows[K] extends Option<infer T> ? T : never };
