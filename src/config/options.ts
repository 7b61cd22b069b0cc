import type { Option } from './option.ts';
import { APP } from './rows/app.ts';
import { FILE } from './rows/file.ts';
import { HEALTH } from './rows/health.ts';
import { LOG } from './rows/log.ts';
import { PROBES } from './rows/probes.ts';
import { SHUTDOWN } from './rows/shutdown.ts';
import { SIGNALS } from './rows/signals.ts';

export { type Option, type OptionGroup, variableFor } from './option.ts';
export type { LogLevel } from './rows/log.ts';

type Rows = typeof FILE & typeof HEALTH & typeof PROBES & typeof SHUTDOWN & typeof SIGNALS & typeof APP & typeof LOG;

/** THE table: every option, in the order in which mistakes are told. */
export const OPTIONS: Rows = { ...FILE, ...HEALTH, ...PROBES, ...SHUTDOWN, ...SIGNALS, ...APP, ...LOG };

export type OptionKey = keyof Rows;

/** What each option is once it is read. Times are milliseconds, signals numbers; null: derived from something else. */
export type OptionValues = { readonly [K in OptionKey]: Rows[K] extends Option<infer T> ? T : never };
