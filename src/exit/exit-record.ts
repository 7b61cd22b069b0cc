import { formatDuration } from '../duration.ts';
import type { ExitedNotice, Notice } from '../lifecycle/notice.ts';
import type { PostMortemHook, ProbeName, Signal, Standing } from '../lifecycle/state.ts';
import { signalName } from '../linux/signal-names.ts';
import type { LogMessage } from '../log/message.ts';
import { causeText } from '../log/shutdown-messages.ts';
import type { Limits } from '../resources/limits.ts';
import type { PressureMonitor, PressureMonitorDeps } from '../resources/pressure-monitor.ts';
import type { CgroupUsage } from '../resources/usage.ts';
import { cutRemedyFor, cutText } from './cut-requests.ts';
import {
  detailLines,
  type ExitDetails,
  historyAfter,
  historyWith,
  type LastResize,
  NO_HISTORY,
  type PostMortemRecord,
  signalSenderOf,
} from './exit-cause.ts';
import type { ExitRecord } from './finish.ts';

/** Keeps what the exit record of a life needs: the shutdown's history, the last probe error, the kernel's counters. */
export type ExitRecorder = {
  readonly noticed: (notice: Notice) => void;
  readonly probed: (probe: ProbeName, standing: Standing) => void;
  /** How many requests the end of the app has cut. */
  /** The app was sent this signal. */
  readonly sent: (signal: Signal) => void;
  /** The command of a post-mortem hook has printed a line. */
  readonly printed: (hook: PostMortemHook, line: string) => void;
  /** The app was started (again). */
  readonly appStarted: () => void;
  readonly requestsCut: (count: number) => void;
  /**
   * Starts to monitor the container's resources: warns where a limit is near, and says when the limits change. What was counted before is
   * not of this life.
   */
  readonly monitorResources: () => Promise<void>;
  /** Whether the out-of-memory killer has killed a process of this container since then. */
  readonly oomKilled: () => boolean;
  /** The container's limits at the last look; null: not known yet, or not here. */
  readonly limits: () => Limits | null;
  readonly recordOf: (message: LogMessage, exited: ExitedNotice) => ExitRecord;
};

const POST_MORTEM: ReadonlySet<string> = new Set<PostMortemHook>(['on-unlive', 'before-kill', 'on-memory']);

/** `drains`: whether `--drain-connections` is on. */
export function createExitRecorder(deps: Omit<PressureMonitorDeps, 'usage'>, drains: boolean): ExitRecorder {
  const { clock } = deps;
  let history = NO_HISTORY;
  let usage: CgroupUsage | null = null;
  let pressure: PressureMonitor | null = null;
  let latest: Standing | null = null;
  let resized: (Omit<LastResize, 'agoMs'> & { readonly at: number }) | null = null;
  let oomKillsBefore = 0;
  let cutRequests: number | null = null;
  const lastLines = new Map<string, string>();
  const postMortem = new Map<string, Omit<PostMortemRecord, 'agoMs'> & { readonly at: number }>();
  let probeError: { probe: ProbeName; standing: Exclude<Standing, { kind: 'passing' }>; at: number } | null = null;
  const oomKills = (): number => Math.max(0, (usage?.oomKills() ?? 0) - oomKillsBefore);
  const resizedBefore = (): LastResize | null => {
    if (resized === null) return null;
    const { at, ...old } = resized;
    return { ...old, agoMs: Math.round(clock.now() - at) };
  };
  return {
    noticed(notice) {
      history = historyAfter(history, notice);
      if (notice.event !== 'hook' || !POST_MORTEM.has(notice.hook)) return;
      const { hook, outcome } = notice;
      if (outcome.kind === 'runs') {
        lastLines.delete(hook);
        return;
      }
      const text = outcome.kind === 'failed' ? outcome.failure : (outcome.account ?? '');
      postMortem.set(hook, { hook, outcome: outcome.kind, text, at: clock.now() });
    },
    printed(hook, line) {
      if (line.trim() !== '') lastLines.set(hook, line);
    },
    sent(signal) {
      history = historyWith(history, signal);
    },
    appStarted: () => pressure?.startAnew(),
    probed(probe, standing) {
      latest = standing;
      pressure?.probed(standing);
      // Before the app was ready its probes fail as expected: once it is, that is no error any more.
      if (standing.kind !== 'passing') probeError = { probe, standing, at: clock.now() };
      else if (probeError?.probe === probe && probeError.standing.kind === 'pending') probeError = null;
    },
    requestsCut(count) {
      cutRequests = count;
    },
    async monitorResources() {
      const [{ openCgroupUsage }, { openLimits }] = await Promise.all([
        import('../resources/usage.ts'),
        import('../resources/read-limits.ts'),
      ]);
      usage = openCgroupUsage();
      oomKillsBefore = usage.oomKills() ?? 0;
      const reader = openLimits();
      // Without a limit too, because a resize may add one.
      if (!reader.hasGroup) return;
      const { startPressureMonitor } = await import('../resources/pressure-monitor.ts');
      pressure = startPressureMonitor(reader, {
        ...deps,
        usage,
        resized(resize) {
          const { oldMemoryLimitBytes, oldCpuLimitCores } = resize;
          resized = { oldMemoryLimitBytes, oldCpuLimitCores, at: clock.now() };
          deps.resized(resize);
        },
      });
      if (latest !== null) pressure.probed(latest);
    },
    oomKilled: () => oomKills() > 0,
    limits: () => pressure?.limits() ?? null,
    recordOf({ level, msg, facts }, exited) {
      // The limits may have changed since the last look, and that may be why.
      pressure?.look();
      const known: Omit<ExitDetails, 'phases' | 'signal'> = {
        sender: signalSenderOf(exited.exit, history, oomKills() > 0),
        because: history.because === null ? null : causeText(history.because, signalName),
        oomKills: oomKills(),
        memoryPeakBytes: usage?.memoryPeak() ?? null,
        memoryLimitBytes: pressure?.limits().memory?.bytes ?? null,
        resized: resizedBefore(),
        cutRequests,
        postMortem: [...postMortem.values()].map(({ at, ...record }) => ({
          ...record,
          text: withLastLine(record, lastLines.get(record.hook)),
          agoMs: Math.round(clock.now() - at),
        })),
        lastProbeError:
          probeError === null || (exited.code === 0 && probeError.standing.kind === 'pending')
            ? null
            : {
                probe: probeError.probe,
                reason: probeError.standing.reason,
                agoMs: Math.round(clock.now() - probeError.at),
              },
      };
      const isKnown = (value: unknown): boolean => value !== null && !(Array.isArray(value) && value.length === 0);
      const certain = Object.entries(known).filter(([, value]) => isKnown(value));
      const signal = exited.exit?.kind === 'signal' ? signalName(exited.exit.signal) : null;
      const details = detailLines({ ...known, signal, phases: exited.phases }, formatDuration);
      const remedy = cutRemedyFor(exited.cause, history, drains);
      const cut = cutRequests !== null && cutRequests > 0 ? { text: cutText(cutRequests, remedy), remedy } : null;
      return {
        code: exited.code,
        level: cut !== null && level === 'info' ? 'warn' : level,
        msg: cut === null ? msg : `${msg}${cut.text}`,
        facts: {
          ...facts,
          cause: exited.cause,
          ...Object.fromEntries(certain),
          ...(cut === null || cut.remedy === null ? {} : { remedy: cut.remedy.option }),
        },
        details,
      };
    },
  };
}

/** A hook that did not end by itself, or failed, may have written something before. */
function withLastLine({ outcome, text }: Pick<PostMortemRecord, 'outcome' | 'text'>, line: string | undefined): string {
  return outcome !== 'failed' || line === undefined || text.includes(line) ? text : `${text}; it had printed: ${line}`;
}
