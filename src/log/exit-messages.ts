import type { Notice } from '../lifecycle/notice.ts';
import type { Exit, ExitCause } from '../lifecycle/state.ts';
import type { Facts } from './entry.ts';
import { type LogMessage, type MessageContext, round } from './message.ts';

/** The last line of the log. */
export function exitedMessage(notice: Extract<Notice, { event: 'exited' }>, context: MessageContext): LogMessage {
  const { program, signalName } = context;
  const { exit, failure, fault, code } = notice;
  const oomKilled = exit?.kind === 'signal' && context.oomKilled();
  const passedOn = notice.passedOn === null ? null : signalName(notice.passedOn.signal);
  const cause = notice.passedOn?.cause ?? 'received';
  const facts: Facts = {
    program,
    code,
    signal: exit?.kind === 'signal' ? signalName(exit.signal) : null,
    cause: notice.cause,
    oomKilled,
    phases: Object.fromEntries(Object.entries(notice.phases).map(([phase, ms]) => [`${phase}Ms`, round(ms)])),
    ...(failure === null ? {} : { error: failure.code, reason: failure.detail }),
    ...(fault === null ? {} : { fault }),
    ...(passedOn === null ? {} : { passedOn }),
    ...(cause === 'received' ? {} : { passedOnFor: `--${cause}` }),
    ...(notice.refusal === null ? {} : { reason: notice.refusal }),
    ...(notice.restarts === 0 ? {} : { restarts: notice.restarts }),
  };
  if (fault !== null) {
    return {
      level: 'error',
      event: 'exited',
      facts,
      msg: `internal error in ${fault.room}: ${fault.message}; exit code ${code}`,
    };
  }
  if (failure !== null) {
    return {
      level: 'error',
      event: 'exited',
      facts,
      msg: `cannot start ${program}: ${failure.detail} (${failure.code})`,
    };
  }
  if (notice.refusal !== null) {
    const what = notice.cause === 'pre-start failed' ? '--pre-start failed' : '--wait-for not satisfied';
    return {
      level: 'error',
      event: 'exited',
      facts,
      msg: `cannot start ${program}: ${what}: ${notice.refusal}`,
    };
  }
  const how = `${program} ${endText(notice.cause, exit, signalName)}${oomKilled ? ' because the container ran out of memory' : ''}`;
  const remapped = exit?.kind === 'code' && exit.code === code ? '' : `; exit code ${code}`;
  const hint =
    passedOn === null
      ? ''
      : cause !== 'received'
        ? ` after ${passedOn}, which it was sent because of --${cause}`
        : ` after ${passedOn}, which was only passed on; if ${passedOn} is meant to stop it, set --stop-on ${stopOnWith(passedOn)}`;
  const abnormal =
    passedOn !== null || notice.cause === 'killed' || (exit?.kind === 'signal' && notice.cause === 'signalled');
  return { level: abnormal ? 'warn' : 'info', event: 'exited', facts, msg: `${how}${remapped}${hint}` };
}

/** The default stop signals and this one. */
function stopOnWith(passedOn: string): string {
  return [...new Set([passedOn.slice(3), 'TERM', 'INT'])].join(',');
}

export function endText(cause: ExitCause, exit: Exit | null, signalName: MessageContext['signalName']): string {
  if (cause === 'stopped before start') return 'was not started, because a stop signal came first';
  if (exit === null) return 'was not started';
  return exit.kind === 'code' ? `exited with ${exit.code}` : `was ended by ${signalName(exit.signal)}`;
}
