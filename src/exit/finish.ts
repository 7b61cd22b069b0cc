import type { Facts, Level } from '../log/entry.ts';
import type { Log } from '../log/log.ts';

/** How it ended, and what became of the last line; `stuck`: a write of it hangs in the thread pool. */
export type RunResult = { readonly code: number; readonly log: 'written' | 'left' | 'stuck' };

/** Why k8s-run ends: its last line, and for the termination log some lines more. */
export type ExitRecord = {
  readonly code: number;
  readonly level: Level;
  readonly msg: string;
  readonly facts: Facts;
  readonly details: readonly string[];
};

/** What `exited` always has, where no app was there to have it. */
const NO_APP: Facts = { signal: null, oomKilled: false, phases: {} };

/** A death with nothing to tell but its cause, in the sense of the log's `cause`. */
export function bareExitRecord(code: number, cause: string, msg: string): ExitRecord {
  return { code, level: 'error', msg, facts: { cause }, details: [] };
}

/** As `--termination-log` has it: null is the usual place, if it is there. */
export type TerminationLogChoice = string | 'off' | null;

/**
 * The one way in which a life is told to be over, by whatever it ended: a death (an exit code that is not 0) goes into the
 * termination log, then `exited` is the last line of the log. Never rejects.
 */
export async function finish(death: ExitRecord, terminationLog: TerminationLogChoice, log: Log): Promise<RunResult> {
  const { code, level, msg, facts } = death;
  const problem = code === 0 || terminationLog === 'off' ? null : await recordTermination(death, terminationLog);
  if (problem !== null) log.write('warn', 'warning', problem.text, { reason: problem.reason });
  log.write(level, 'exited', msg, { code, ...NO_APP, ...facts });
  return { code, log: await closeLog(log) };
}

/** The same where there may be no words for the death, for want of a log that could form them. */
export function finishSafely(
  code: number,
  told: ExitRecord | null,
  terminationLog: TerminationLogChoice,
  log: Log,
): Promise<RunResult> {
  const end = told === null ? closeLog(log).then((left) => ({ code, log: left })) : finish(told, terminationLog, log);
  // Whatever is wrong with the log, the code is what counts now.
  return end.catch(() => ({ code, log: 'left' as const }));
}

export function closeLog(log: Log): Promise<RunResult['log']> {
  return log
    .load()
    .then(log.close)
    .catch(() => 'left' as const);
}

async function recordTermination(
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

/** Whoever reads it does so on a terminal. */
function printable(line: string): string {
  return line.replace(/\p{Cc}/gu, ' ');
}
