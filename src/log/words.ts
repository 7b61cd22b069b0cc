import type { Notice, SignalOutcome } from '../lifecycle/notice.ts';
import type { Exit, ExitCause, SkipReason, StopCause, Traffic, Waited } from '../lifecycle/state.ts';
import type { Facts, Level } from './entry.ts';
import { changedWords, hookWords } from './hook-words.ts';
import { foregroundHint, leftoverName } from './leftover-words.ts';

/** What the sentences need to know besides the notice. `program` is the app's name, never its arguments. */
export type Scene = {
  readonly program: string;
  readonly version: string;
  /** Where the health server listens, `http://[::]:20080`, or null when it is off. */
  readonly health: string | null;
  readonly signalName: (signal: number) => string;
  readonly duration: (milliseconds: number) => string;
  readonly oomKilled: () => boolean;
};

export type Words = { readonly level: Level; readonly event: string; readonly msg: string; readonly facts: Facts };

/** The one place where what happened becomes a sentence. */
export function wordsFor(notice: Notice, scene: Scene): Words {
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
      return info(event, `Received ${signal}: ${outcomeWords(notice.outcome, signalName)}`, facts);
    }
    case 'draining': {
      const hint =
        notice.keyboard === 'escalates' && notice.cause.kind !== 'terminal' ? '; Ctrl-C again to skip the pause' : '';
      return info(
        event,
        `Readiness fails now, because of ${causeWords(notice.cause, signalName)}; ${notice.preStop ? 'running --pre-stop, then ' : ''}pausing ${duration(notice.pauseMs)}${hint}`,
        {
          because: causeWords(notice.cause, signalName),
          pauseMs: notice.pauseMs,
        },
      );
    }
    case 'settling': {
      const hint = notice.keyboard === 'escalates' ? '; Ctrl-C again not to' : '';
      return info(
        event,
        `Waiting up to ${duration(notice.limitMs)} for the connections of ${program}${trafficWords(notice.traffic)}${hint}`,
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
      const waited = waitedWords(notice.waited);
      const pause = notice.skipped === null ? '' : `; no pause: ${skipWords(notice.skipped, program)}`;
      const signal = signalName(notice.signal);
      return info(event, `Sending ${signal} to ${program}; it has ${duration(notice.graceMs)}${pause}${waited}`, {
        signal,
        graceMs: notice.graceMs,
        because: causeWords(notice.cause, signalName),
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
      const daemon = left ? foregroundHint(program) : '';
      return warn(event, `${program} left processes behind: ${names}${daemon}`, {
        leftovers,
        signal: signalName(notice.signal),
      });
    }
    case 'hook':
      return hookWords(notice);
    case 'changed':
      return changedWords(notice, program, signalName);
    case 'restarting': {
      const how = notice.failure?.detail ?? endWords(notice.cause, notice.exit, signalName);
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
      return exitedWords(notice, scene);
  }
}

function exitedWords(notice: Extract<Notice, { event: 'exited' }>, scene: Scene): Words {
  const { program, signalName } = scene;
  const { exit, failure, fault, code } = notice;
  const oomKilled = exit?.kind === 'signal' && scene.oomKilled();
  const blamed = notice.passedOn === null ? null : signalName(notice.passedOn);
  const facts: Facts = {
    code,
    signal: exit?.kind === 'signal' ? signalName(exit.signal) : null,
    cause: notice.cause,
    oomKilled,
    phases: Object.fromEntries(Object.entries(notice.phases).map(([phase, ms]) => [`${phase}Ms`, round(ms)])),
    ...(failure === null ? {} : { error: failure.code, reason: failure.detail }),
    ...(fault === null ? {} : { fault }),
    ...(blamed === null ? {} : { passedOn: blamed }),
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
    const what = notice.cause === 'pre-start failed' ? '--pre-start failed' : 'not in time, of --wait-for';
    return {
      level: 'error',
      event: 'exited',
      facts,
      msg: `cannot start ${program}: ${what}: ${notice.refusal}`,
    };
  }
  const how = `${program} ${endWords(notice.cause, exit, signalName)}${oomKilled ? ', and the container was out of memory' : ''}`;
  const remapped = exit?.kind === 'code' && exit.code === code ? '' : `; exit code ${code}`;
  const hint =
    blamed === null
      ? ''
      : ` after ${blamed} was merely passed on; if ${blamed} is how it is told to stop, give --stop-on ${blamed.slice(3)},TERM,INT`;
  const abnormal =
    blamed !== null || notice.cause === 'killed' || (exit?.kind === 'signal' && notice.cause === 'signalled');
  return { level: abnormal ? 'warn' : 'info', event: 'exited', facts, msg: `${how}${remapped}${hint}` };
}

function endWords(cause: ExitCause, exit: Exit | null, signalName: Scene['signalName']): string {
  if (cause === 'stopped before start') return 'was not started: a stop signal came first';
  if (exit === null) return 'was not started';
  return exit.kind === 'code' ? `exited with ${exit.code}` : `was ended by ${signalName(exit.signal)}`;
}

function outcomeWords(outcome: SignalOutcome, signalName: Scene['signalName']): string {
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

function outcomeFacts(outcome: SignalOutcome, signalName: Scene['signalName']): Facts {
  return outcome.kind === 'passed on'
    ? { outcome: outcome.kind, as: signalName(outcome.as) }
    : { outcome: outcome.kind };
}

export function causeWords(cause: StopCause, signalName: Scene['signalName']): string {
  switch (cause.kind) {
    case 'signal':
      return signalName(cause.signal);
    case 'terminal':
      return 'the lost terminal';
    case 'change':
      return `the change of ${cause.path}`;
    case 'fault':
      return `an internal error in ${cause.fault.room}`;
  }
}

function skipWords(skipped: SkipReason, program: string): string {
  switch (skipped) {
    case 'no delay':
      return 'the delay is 0';
    case 'never ready':
      return `${program} never became ready`;
    case 'not alive':
      return `${program} fails its liveness`;
    case 'listens on nothing':
      return `${program} listens on nothing`;
    case 'second Ctrl-C':
      return 'Ctrl-C was pressed again';
    case 'fault':
      return 'k8s-run has a fault';
  }
}

function trafficWords(traffic: Traffic): string {
  return traffic.kind === 'counted' ? `: ${traffic.busy} busy, ${traffic.open - traffic.busy} idle` : '';
}

function trafficFacts(traffic: Traffic): Facts {
  return traffic.kind === 'counted'
    ? { busyConnections: traffic.busy, idleConnections: traffic.open - traffic.busy }
    : {};
}

function waitedWords(waited: Waited): string {
  if (waited === null) return '';
  const { ended, traffic } = waited;
  if (ended === 'limit') return `; the limit of the wait has passed${trafficWords(traffic)}`;
  const idle = traffic.kind === 'counted' ? traffic.open : 0;
  return idle === 0
    ? '; no TCP connection is open'
    : `; ${idle} idle ${idle === 1 ? 'connection is' : 'connections are'} left open`;
}

function info(event: string, msg: string, facts: Facts): Words {
  return { level: 'info', event, msg, facts };
}

function warn(event: string, msg: string, facts: Facts): Words {
  return { level: 'warn', event, msg, facts };
}

function round(milliseconds: number | undefined): number {
  return Math.round((milliseconds ?? 0) * 10) / 10;
}
