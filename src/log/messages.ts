import type { Notice, SignalOutcome } from '../lifecycle/notice.ts';
import type { Facts } from './entry.ts';
import { endText, exitedMessage } from './exit-messages.ts';
import { changedMessage, hookMessage } from './hook-messages.ts';
import { foregroundHint, leftoverName } from './leftover-messages.ts';
import { info, type LogMessage, type MessageContext, round, warn } from './message.ts';
import { causeText, delayText, skipText, trafficFacts, trafficText, waitedText } from './shutdown-messages.ts';

/** The one place where what happened becomes a sentence. */
export function messageFor(notice: Notice, scene: MessageContext): LogMessage {
  const { program, signalName, duration } = scene;
  const { event } = notice;
  switch (event) {
    case 'starting': {
      const health = scene.health === null ? 'no health server' : `health at ${scene.health}`;
      return info(event, `Starting ${program}; ${health}`, { program, version: scene.version, health: scene.health });
    }
    case 'spawned':
      return info(event, `${program} runs as process ${notice.pid}`, { program, pid: notice.pid });
    case 'started':
      return info(event, `${program} has started, after ${duration(notice.afterMs)}`, {
        afterMs: round(notice.afterMs),
      });
    case 'ready':
      return info(event, `${program} is ready for traffic`, { afterMs: round(notice.afterMs) });
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
    case 'draining': {
      const hint =
        notice.keyboard === 'escalates' && notice.cause.kind !== 'terminal' ? '; Ctrl-C again to skip the pause' : '';
      return info(
        event,
        `Readiness ${notice.readiness} now, because of ${causeText(notice.cause, signalName)}${delayText(notice, duration)}${hint}`,
        {
          because: causeText(notice.cause, signalName),
          pauseMs: notice.pauseMs,
        },
      );
    }
    case 'settling': {
      const hint = notice.keyboard === 'escalates' ? '; Ctrl-C again not to' : '';
      return info(
        event,
        `Waiting up to ${duration(notice.limitMs)} for the connections of ${program}${trafficText(notice.traffic)}${hint}`,
        { limitMs: notice.limitMs, ...trafficFacts(notice.traffic) },
      );
    }
    case 'uncountable':
      return warn(
        event,
        `cannot count the connections of ${program}: ${notice.reason}; as long as that is so, the limit of --drain-connections decides`,
        { reason: notice.reason },
      );
    case 'stopping': {
      const waited = waitedText(notice.waited);
      const pause = notice.skipped === null ? '' : `; no pause: ${skipText(notice.skipped, program)}`;
      const signal = signalName(notice.signal);
      return info(event, `Sending ${signal} to ${program}; it has ${duration(notice.graceMs)}${pause}${waited}`, {
        signal,
        graceMs: notice.graceMs,
        because: causeText(notice.cause, signalName),
        ...(notice.skipped === null ? {} : { pauseSkipped: notice.skipped }),
        ...(notice.waited === null ? {} : { waitEnded: notice.waited.ended, ...trafficFacts(notice.waited.traffic) }),
      });
    }
    case 'killing': {
      const why = notice.why === 'grace over' ? 'the grace is over' : 'Ctrl-C was pressed a third time';
      return warn(event, `Killing ${program}: ${why}`, { signal: 'SIGKILL', why: notice.why });
    }
    case 'leftovers': {
      const names = notice.leftovers.map(leftoverName).join(', ');
      const leftovers = notice.leftovers.map(({ pid, program: name }) =>
        pid < 0 ? { group: -pid } : { pid, program: name },
      );
      // What puts itself into the background leaves with 0, and nobody told it to.
      const left = notice.cause === 'exited' && notice.exit.kind === 'code' && notice.exit.code === 0;
      const daemon = left ? foregroundHint(program, notice.leftovers) : '';
      return warn(event, `${program} left processes behind: ${names}${daemon}`, {
        leftovers,
        signal: signalName(notice.signal),
      });
    }
    case 'hook':
      return hookMessage(notice);
    case 'changed':
      return changedMessage(notice, program, signalName);
    case 'restarting': {
      const how = notice.failure?.detail ?? endText(notice.cause, notice.exit, signalName);
      const when = notice.delayMs === 0 ? 'now' : `in ${duration(notice.delayMs)}`;
      return {
        ...info(event, `${program} ${how}; it is started again ${when}`, {
          code: notice.exit?.kind === 'code' ? notice.exit.code : null,
          signal: notice.exit?.kind === 'signal' ? signalName(notice.exit.signal) : null,
          ...(notice.failure === null ? {} : { error: notice.failure.code }),
          delayMs: notice.delayMs,
          restarts: notice.count,
        }),
        level: notice.delayMs === 0 ? 'info' : 'warn',
      };
    }
    case 'purging':
      return warn('killing', 'Killing what is left behind', { signal: 'SIGKILL', why: 'leftovers' });
    case 'outlived':
      return warn('killing', 'Processes left behind could not be killed', { why: 'leftovers' });
    case 'exited':
      return exitedMessage(notice, scene);
  }
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
      return 'the app has it from the terminal';
    case 'stops':
      return 'shutting down';
    case 'terminal lost':
      return outcome.stops ? 'the terminal is gone; shutting down' : 'it only tells of the lost terminal';
    case 'repeated':
      return 'already shutting down';
  }
}

function outcomeFacts(outcome: SignalOutcome, signalName: MessageContext['signalName']): Facts {
  return outcome.kind === 'passed on'
    ? { outcome: outcome.kind, as: signalName(outcome.as) }
    : { outcome: outcome.kind };
}
