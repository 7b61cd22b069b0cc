import { formatDuration } from '../duration.ts';
import type { ExitRecorder } from '../exit/exit-record.ts';
import type { ExitRecord } from '../exit/finish.ts';
import type { ExitedNotice } from '../lifecycle/notice.ts';
import type { Standing } from '../lifecycle/state.ts';
import { signalName } from '../linux/signal-names.ts';
import type { Log } from '../log/log.ts';
import { messageFor } from '../log/messages.ts';
import type { MetricsRecorder } from '../metrics/recorder.ts';
import { VERSION } from '../version.ts';
import type { AppName } from './app-name.ts';
import type { EffectHandlers } from './event-loop.ts';
import type { ProgramHints } from './program-hints.ts';

/** Hands each notice to the metrics, the exit recorder and the log. */
export type Notices = Pick<EffectHandlers, 'say'> & {
  /** The standing of a degraded health check has changed its kind. */
  readonly degraded: (check: string, standing: Standing) => void;
  /** What the last log line and the termination log say; null where the message could not be made. */
  readonly exitRecordOf: (exited: ExitedNotice) => ExitRecord | null;
};

export type NoticesDeps = {
  readonly name: AppName;
  /** Where the health server is; null: there is none. */
  readonly health: string | null;
  readonly metrics: Pick<MetricsRecorder, 'noticed'>;
  readonly exitRecorder: ExitRecorder;
  readonly log: Pick<Log, 'write'>;
  readonly hints: Pick<ProgramHints, 'foreground'>;
  readonly faulted: (error: Error) => void;
};

export function createNotices({ name, health, metrics, exitRecorder, log, hints, faulted }: NoticesDeps): Notices {
  const context = {
    get program() {
      return name.current();
    },
    version: VERSION,
    health,
    signalName,
    duration: formatDuration,
    oomKilled: exitRecorder.oomKilled,
    foreground: hints.foreground,
  };
  return {
    say({ notice }) {
      metrics.noticed(notice);
      try {
        name.noticed(notice.event);
        const { level, event, msg, facts } = messageFor(notice, context);
        exitRecorder.noticed(notice);
        log.write(level, event, msg, facts);
      } catch (error) {
        faulted(error as Error);
      }
    },
    degraded(check, standing) {
      if (standing.kind === 'passing') {
        log.write('info', 'restored', `${check} passes again`, { check });
        return;
      }
      const { reason } = standing;
      log.write('warn', 'degraded', `${check} fails: ${reason}; ${name.current()} keeps its traffic`, {
        check,
        reason,
      });
    },
    exitRecordOf(exited) {
      try {
        return exitRecorder.recordOf(messageFor(exited, context), exited);
      } catch (error) {
        faulted(error as Error);
        return null;
      }
    },
  };
}
