import type { Notice, SignalOutcome } from '../lifecycle/notice.ts';
import type { Facts } from './entry.ts';
import { endText, exitedMessage } from './exit-messages.ts';
import { changedMessage, hookMessage, settledMessage } from './hook-messages.ts';
import { foregroundHint, leftoverNames, MOST_LISTED, refusedText } from './leftover-messages.ts';
import { info, type LogMessage, type MessageContext, round, warn } from './message.ts';
import { causeText, delayText, skipText, trafficFacts, trafficText, waitedText } from './shutdown-messages.ts';

/** The message of each notice: the only place where its sentence is written. */
export function messageFor(notice: Notice, context: MessageContext): LogMessage {
  const { program, signalName, duration } = context;
  const { event } = notice;
  switch (event) {
    case 'starting': {
      const health = context.health === null ? 'no health server' : `health at ${context.health}`;
      return info(event, `Starting ${program}; ${health}`, {
        program,
        version: context.version,
        health: context.health,
      });
    }
    case 'spawned':
      return info(event, `Started ${program} as process ${notice.pid}`, { program, pid: notice.pid });
    case 'started':
      return info(event, `${program} has started, ${duration(notice.afterMs)} after its spawn`, {
        program,
        afterMs: round(notice.afterMs),
      });
    case 'ready':
      return info(event, `${program} is ready for traffic${portsText(notice.ports)}`, {
        program,
        afterMs: round(notice.afterMs),
        ...(notice.ports !== null && { ports: notice.ports }),
      });
    case 'unready':
      return warn(event, `${program} is not ready: ${notice.reason}`, { reason: notice.reason });
    case 'live':
      return info(event, `${program} is alive again`, {});
    case 'unlive':
      return warn(event, `${program} is not alive: ${notice.reason}`, { reason: notice.reason });
    case 'signal': {
      const signal = signalName(notice.signal);
      const facts = { signal, ...outcomeFacts(notice.outcome, signalName) };
      return info(event, `Received ${signal}: ${outcomeText(notice.outcome, signalName)}`, facts);
    }
    case 'terminating': {
      const because = causeText(notice.cause, signalName);
      const hint =
        notice.keyboard === 'escalates' && notice.cause.kind !== 'terminal' && notice.delayMs > 0
          ? `; press Ctrl-C${because === 'SIGINT' ? ' again' : ''} to skip the delay`
          : '';
      const readiness =
        notice.readiness === 'fails'
          ? `Readiness fails from now on, because of ${because}`
          : `Shutting down because of ${because}; readiness still follows its probe`;
      const drainSignal =
        notice.drainSignal === null ? '' : `; sending ${signalName(notice.drainSignal)} to ${program}`;
      return info(event, `${readiness}${drainSignal}${delayText(notice, context)}${hint}`, {
        because,
        delayMs: notice.delayMs,
        ...(notice.drainSignal === null ? {} : { drainSignal: signalName(notice.drainSignal) }),
      });
    }
    case 'draining': {
      const hint = notice.keyboard === 'escalates' ? '; press Ctrl-C to stop waiting' : '';
      return info(
        event,
        `Waiting up to ${duration(notice.limitMs)} for the requests in flight of ${program}${trafficText(notice.traffic)}${hint}`,
        { limitMs: notice.limitMs, ...trafficFacts(notice.traffic) },
      );
    }
    case 'uncountable':
      return warn(
        event,
        `cannot count the connections of ${program}: ${notice.reason}; the wait lasts until the limit of --drain-connections while this is so`,
        { reason: notice.reason },
      );
    case 'stopping': {
      const waited = waitedText(notice.waited);
      const delay = skipText(notice.skipped, program);
      const signal = signalName(notice.signal);
      return info(
        event,
        `Sending ${signal} to ${program}; it has ${duration(notice.graceMs)} to exit${delay}${waited}`,
        {
          signal,
          graceMs: notice.graceMs,
          because: causeText(notice.cause, signalName),
          ...(notice.skipped === null ? {} : { delaySkipped: notice.skipped }),
          ...(notice.waited === null ? {} : { waitEnded: notice.waited.ended, ...trafficFacts(notice.waited.traffic) }),
        },
      );
    }
    case 'killing': {
      const why = notice.why === 'grace over' ? 'it has not exited within the grace' : 'Ctrl-C was pressed again';
      return warn(event, `Killing ${program}: ${why}`, { signal: 'SIGKILL', why: notice.why });
    }
    case 'leftovers': {
      const names = leftoverNames(notice.leftovers);
      const leftovers = notice.leftovers
        .slice(0, MOST_LISTED)
        .map(({ pid, program: name }) => (pid < 0 ? { group: -pid } : { pid, program: name }));
      const refused = refusedText(notice.leftovers);
      // A daemon that puts itself into the background exits with 0 without a stop signal.
      const mayBeDaemon = notice.cause === 'exited' && notice.exit.kind === 'code' && notice.exit.code === 0;
      const daemon = mayBeDaemon ? foregroundHint(program, notice.leftovers, context.foreground) : '';
      return warn(event, `${program} left processes behind: ${names}${daemon}${refused}`, {
        leftovers,
        count: notice.leftovers.length,
        signal: signalName(notice.signal),
      });
    }
    case 'hook':
      return hookMessage(notice, duration);
    case 'changed':
      return changedMessage(notice, program, signalName);
    case 'settled':
      return settledMessage(notice, program, signalName);
    case 'restarting': {
      const how = notice.failure?.detail ?? endText(notice.cause, notice.exit, signalName);
      const when = notice.delayMs === 0 ? 'now' : `in ${duration(notice.delayMs)}`;
      return {
        ...info(event, `${program} ${how}; it is restarted ${when}`, {
          code: notice.exit?.kind === 'code' ? notice.exit.code : null,
          signal: notice.exit?.kind === 'signal' ? signalName(notice.exit.signal) : null,
          ...(notice.failure === null ? {} : { error: notice.failure.code }),
          delayMs: notice.delayMs,
          restarts: notice.count,
        }),
        level: notice.delayMs === 0 ? 'info' : 'warn',
      };
    }
    case 'appRemains':
      return {
        level: 'error',
        event: 'killing',
        msg: `${program} is still there a second after SIGKILL; exiting without it (when PID 1 exits, the kernel ends the rest of the container)`,
        facts: { why: 'no effect' },
      };
    case 'killingLeftovers':
      return warn('killing', 'Killing the leftovers', { signal: 'SIGKILL', why: 'leftovers' });
    case 'leftoversRemain':
      return warn('killing', 'Leftovers could not be killed', { why: 'leftovers' });
    case 'exited':
      return exitedMessage(notice, context);
  }
}

/** The ports that were found; nothing where the user has named the probe. */
function portsText(ports: readonly number[] | null): string {
  if (ports === null || ports.length === 0) return '';
  return ` on ${ports.length === 1 ? 'port' : 'ports'} ${ports.join(', ')}`;
}

function outcomeText(outcome: SignalOutcome, signalName: MessageContext['signalName']): string {
  switch (outcome.kind) {
    case 'passed on':
      return `passed on as ${signalName(outcome.as)}`;
    case 'held':
      return 'kept until the app runs';
    case 'dropped':
      return 'dropped';
    case 'from the keyboard':
      return 'not passed on, because the terminal has sent it to the app already';
    case 'stops':
      return 'shutting down';
    case 'terminal lost':
      return outcome.stops
        ? 'the terminal is lost; shutting down'
        : 'not passed on, because it was sent only because the terminal was lost';
    case 'repeated':
      return 'already shutting down';
  }
}

function outcomeFacts(outcome: SignalOutcome, signalName: MessageContext['signalName']): Facts {
  return outcome.kind === 'passed on'
    ? { outcome: outcome.kind, as: signalName(outcome.as) }
    : { outcome: outcome.kind };
}
