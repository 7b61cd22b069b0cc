import { formatDuration } from '../duration.ts';
import type { Notice } from '../lifecycle/notice.ts';
import type { ProbeName, Standing } from '../lifecycle/state.ts';
import { signalName } from '../linux/signal-names.ts';
import type { LogMessage } from '../log/message.ts';
import { causeText } from '../log/shutdown-messages.ts';
import type { Limits } from '../resources/limits.ts';
import type { PressureMonitor, PressureMonitorDeps } from '../resources/pressure-monitor.ts';
import type { CgroupUsage } from '../resources/usage.ts';
import { detailLines, type ExitDetails, historyAfter, NO_HISTORY, signalSenderOf } from './exit-cause.ts';
import type { ExitRecord } from './finish.ts';

/** What is remembered of a life for its death certificate. */
export type ExitRecorder = {
  readonly noticed: (notice: Notice) => void;
  readonly probed: (probe: ProbeName, standing: Standing) => void;
  /** Begins to look at the kernel's counters; what they have counted before is not ours. Warns where a limit is near. */
  readonly monitorResources: () => Promise<void>;
  /** Whether the kernel killed something of this container for want of memory since then. */
  readonly oomKilled: () => boolean;
  readonly recordOf: (words: LogMessage, notice: Extract<Notice, { event: 'exited' }>) => ExitRecord;
};

export function createExitRecorder(tools: Omit<PressureMonitorDeps, 'usage'>): ExitRecorder {
  const { clock } = tools;
  let story = NO_HISTORY;
  let usage: CgroupUsage | null = null;
  let limits: Limits | null = null;
  let pressure: PressureMonitor | null = null;
  let latest: Standing | null = null;
  let before = 0;
  let complaint: { probe: ProbeName; standing: Exclude<Standing, { kind: 'passing' }>; at: number } | null = null;
  const oomKills = (): number => Math.max(0, (usage?.oomKills() ?? 0) - before);
  return {
    noticed(notice) {
      story = historyAfter(story, notice);
    },
    probed(probe, standing) {
      latest = standing;
      pressure?.probed(standing);
      // What was not there yet when the app started is no error once it has started.
      if (standing.kind !== 'passing') complaint = { probe, standing, at: clock.now() };
      else if (complaint?.probe === probe && complaint.standing.kind === 'pending') complaint = null;
    },
    async monitorResources() {
      const [{ openCgroupUsage }, { readLimits }] = await Promise.all([
        import('../resources/usage.ts'),
        import('../resources/read-limits.ts'),
      ]);
      usage = openCgroupUsage();
      before = usage.oomKills() ?? 0;
      limits = readLimits();
      if (limits.cpu === null && limits.memory === null) return;
      const { startPressureMonitor } = await import('../resources/pressure-monitor.ts');
      pressure = startPressureMonitor(limits, { ...tools, usage });
      if (latest !== null) pressure.probed(latest);
    },
    oomKilled: () => oomKills() > 0,
    recordOf({ level, msg, facts }, notice) {
      const known: Omit<ExitDetails, 'phases' | 'signal'> = {
        sender: signalSenderOf(notice.exit, story, oomKills() > 0),
        because: story.because === null ? null : causeText(story.because, signalName),
        oomKills: oomKills(),
        memoryPeakBytes: usage?.memoryPeak() ?? null,
        memoryLimitBytes: limits?.memory?.bytes ?? null,
        lastProbeError:
          complaint === null || (notice.code === 0 && complaint.standing.kind === 'pending')
            ? null
            : {
                probe: complaint.probe,
                reason: complaint.standing.reason,
                agoMs: Math.round(clock.now() - complaint.at),
              },
      };
      const told = Object.entries(known).filter(([, value]) => value !== null);
      const signal = notice.exit?.kind === 'signal' ? signalName(notice.exit.signal) : null;
      const details = detailLines({ ...known, signal, phases: notice.phases }, formatDuration);
      return { code: notice.code, level, msg, facts: { ...facts, ...Object.fromEntries(told) }, details };
    },
  };
}
