import type { Facts, Level } from '../log/entry.ts';
import type { Log } from '../log/log.ts';
import type { ExitedCause } from './exit-meanings.ts';

/** The exit code, and whether the last log line was written: `left`, not in time; `stuck`, a write hangs in the thread pool. */
export type RunResult = { readonly code: number; readonly log: 'written' | 'left' | 'stuck' };

/** Why k8s-run exits: the last log line, and more lines for the termination log. */
export type ExitRecord = {
  readonly code: number;
  readonly level: Level;
  readonly msg: string;
  readonly facts: Facts & { readonly cause: ExitedCause };
  readonly details: readonly string[];
};

/** Facts that `exited` always has, where there was no app. */
const NO_APP: Facts = { signal: null, oomKilled: false, phases: {} };

/** A record that has its code, a cause (the log's `cause`), and nothing else. */
export function exitRecordWithCause(code: number, cause: ExitedCause, msg: string): ExitRecord {
  return { code, level: 'error', msg, facts: { code, cause }, details: [] };
}

/** As `--termination-log` has it: null is /dev/termination-log, if it exists. */
export type TerminationLogChoice = string | 'off' | null;

/**
 * The one way out, whatever the reason: where the exit code is not 0 the record goes into the termination log, then `exited` is
 * the last line of the log. Never rejects.
 */
export async function finish(record: ExitRecord, terminationLog: TerminationLogChoice, log: Log): Promise<RunResult> {
  const { code, level, msg, facts } = record;
  const problem = code === 0 || terminationLog === 'off' ? null : await writeTerminationRecord(record, terminationLog);
  if (problem !== null) log.write('warn', 'warning', problem.text, { reason: problem.reason });
  log.write(level, 'exited', msg, { code, ...NO_APP, ...facts });
  return { code, log: await closeLog(log) };
}

/** The same where there may be no record, because the log had a fault. */
export function finishSafely(
  code: number,
  record: ExitRecord | null,
  terminationLog: TerminationLogChoice,
  log: Log,
): Promise<RunResult> {
  const end =
    record === null ? closeLog(log).then((left) => ({ code, log: left })) : finish(record, terminationLog, log);
  // Whatever is wrong with the log, the exit code must be right.
  return end.catch(() => ({ code, log: 'left' as const }));
}

export function closeLog(log: Log): Promise<RunResult['log']> {
  return log
    .load()
    .then(log.close)
    .catch(() => 'left' as const);
}

async function writeTerminationRecord(
  { msg, details }: ExitRecord,
  choice: string | null,
): Promise<{ text: string; reason: string } | null> {
  try {
    const { TERMINATION_LOG, writeTerminationLog } = await import('./termination-log.ts');
    const path = choice ?? TERMINATION_LOG;
    const text = [msg, ...details].map(printable).join('\n');
    const reason = writeTerminationLog(path, choice !== null, `${text}\n`, performance.timeOrigin);
    return reason === null ? null : { reason, text: `cannot write --termination-log ${path}: ${reason}` };
  } catch (error) {
    return { reason: 'fault', text: `cannot write the termination log: ${(error as Error).message}` };
  }
}

/** `kubectl describe` prints it to a terminal, so control characters are replaced. */
function printable(line: string): string {
  return line.replace(/[^ -~\xa0-\uffff]/g, ' ');
}
