import { clock, timeOfDate } from '../../clock.ts';
import type { Interval } from '../results.ts';
import type { System } from '../system.ts';
import type { LogLine } from './log-line.ts';
import type { PodTimeline } from './pod-timeline.ts';

/** What the log of a pod's k8s-run has said so far. */
export type SupervisorLog = {
  /** Takes note of a line; returns what is worth showing of it, or null. */
  readonly read: (line: LogLine) => string | null;
  /** The app's process; null: not started yet. */
  readonly appPid: () => number | null;
  /** null: not known yet. */
  readonly healthPort: () => number | null;
  /** Why the app could not be started; null: it could. */
  readonly startError: () => string | null;
};

/** Warnings of one pod that are kept. */
const MOST_WARNINGS = 12;

/** `stopping`: called when k8s-run signals the app, with the signal and the milliseconds that are left of the grace. */
export function followSupervisorLog(
  timeline: PodTimeline,
  { now, stopping }: { readonly now: () => number; readonly stopping: (signal: string, timeLeft: number) => void },
  killGuard: System['killGuard'],
): SupervisorLog {
  let appPid: number | null = null;
  let healthPort: number | null = null;
  let startError: string | null = null;

  const read = (line: LogLine): string | null => {
    switch (line.event) {
      case 'starting':
        healthPort = Number(/:(\d+)$/.exec(String(line['health']))?.[1] ?? 0) || null;
        return null;
      case 'spawned':
        appPid = Number(line['pid']);
        timeline.appStarted ??= whenLogged(line, { from: timeline.started ?? 0, to: now() });
        killGuard.add(appPid);
        return null;
      case 'terminating':
        timeline.terminating = whenLogged(line, { from: timeline.deleted ?? 0, to: now() });
        return 'readiness fails, and the delay begins';
      case 'stopping':
        timeline.signalled = whenLogged(line, { from: timeline.terminating ?? 0, to: now() });
        timeline.signal = String(line['signal']);
        stopping(timeline.signal, Number(line['graceMs']));
        return `the app gets ${timeline.signal}`;
      case 'killing':
        if (line['why'] === 'grace over')
          timeline.killed ??= { at: whenLogged(line, { from: timeline.signalled ?? 0, to: now() }), by: 'k8s-run' };
        return line.msg;
      case 'leftovers':
        timeline.appExited ??= now();
        timeline.leftovers.push(...programsOf(line['leftovers']));
        return line.msg;
      case 'exited':
        timeline.appExited ??= now();
        if (appPid !== null) killGuard.remove(appPid);
        if (typeof line['cutRequests'] === 'number') timeline.cutRequests = line['cutRequests'];
        if (line.level === 'error') startError = String(line['reason'] ?? line.msg);
        return null;
      case 'mistake':
        startError = startError === null ? line.msg : `${startError}; ${line.msg}`;
        return null;
      case 'warning':
        if (timeline.warnings.length < MOST_WARNINGS) timeline.warnings.push(line.msg);
        return line.msg;
      case 'answered':
      case 'started':
      case 'ready':
      case 'unready':
      case 'live':
      case 'unlive':
      case 'degraded':
      case 'restored':
      case 'signal':
      case 'changed':
      case 'resized':
      case 'settled':
      case 'hook':
      case 'restarting':
      case 'draining':
      case 'uncountable':
      case 'reaped':
      case 'fault':
        return null;
      default:
        // A line of the app that has the same keys.
        line.event satisfies never;
        return null;
    }
  };
  return { read, appPid: () => appPid, healthPort: () => healthPort, startError: () => startError };
}

/**
 * When a line was logged, by its own time as far as that can be true. The first lines come late, because the log is loaded after
 * the app's start; and on a busy machine a client sees the end of an app before the line that tells of the signal is read.
 */
function whenLogged(line: LogLine, { from, to }: Interval): number {
  const late = clock.now() - timeOfDate(Date.parse(String(line['time'])));
  return Number.isFinite(late) ? Math.min(to, Math.max(from, to - late)) : to;
}

function programsOf(leftovers: unknown): readonly string[] {
  if (!Array.isArray(leftovers)) return [];
  return leftovers.map((each: unknown) =>
    typeof each === 'object' && each !== null && 'program' in each ? String(each.program) : 'a process',
  );
}
