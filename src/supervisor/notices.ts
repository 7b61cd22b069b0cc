import { formatDuration } from '../duration.ts';
import type { ExitRecorder } from '../exit/exit-record.ts';
import type { ExitRecord } from '../exit/finish.ts';
import type { Standing } from '../lifecycle/state.ts';
import { signalName } from '../linux/signal-names.ts';
import type { Log } from '../log/log.ts';
import { messageFor } from '../log/messages.ts';
import type { MetricsRecorder } from '../metrics/recorder.ts';
import { VERSION } from '../version.ts';
import type { EffectHandlers } from './event-loop.ts';

/** Who is told of what is worth a line: the counters, the log, and the memory of it all that the last line is made of. */
export type Notices = Pick<EffectHandlers, 'say'> & {
  /** A check that may fail without taking the app out of traffic stands otherwise now. */
  readonly degraded: (check: string, standing: Standing) => void;
  /** Why it is over; null as long as it is not, or where there are no words for it. */
  readonly death: () => ExitRecord | null;
};

export type NoticesDeps = {
  readonly program: string;
  /** Where the health server is; null: there is none. */
  readonly health: string | null;
  readonly tally: Pick<MetricsRecorder, 'noticed'>;
  readonly life: ExitRecorder;
  readonly log: Pick<Log, 'write'>;
  readonly faulted: (error: Error) => void;
};

export function createNotices({ program, health, tally, life, log, faulted }: NoticesDeps): Notices {
  let death: ExitRecord | null = null;
  const scene = { program, version: VERSION, health, signalName, duration: formatDuration, oomKilled: life.oomKilled };
  return {
    say({ notice }) {
      tally.noticed(notice);
      try {
        const words = messageFor(notice, scene);
        life.noticed(notice);
        if (notice.event === 'exited') death = life.recordOf(words, notice);
        else log.write(words.level, words.event, words.msg, words.facts);
      } catch (error) {
        faulted(error as Error);
      }
    },
    degraded(check, standing) {
      if (standing.kind === 'passing') {
        log.write('info', 'restored', `${check} is well again`, { check });
        return;
      }
      const { reason } = standing;
      log.write('warn', 'degraded', `${check} fails: ${reason}; ${program} keeps its traffic`, { check, reason });
    },
    death: () => death,
  };
}
