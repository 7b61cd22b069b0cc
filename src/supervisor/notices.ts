import { formatDuration } from '../duration.ts';
import type { Ending } from '../exit/exit-record.ts';
import type { Death } from '../exit/finish.ts';
import type { Standing } from '../lifecycle/state.ts';
import { signalName } from '../linux/signal-names.ts';
import type { Log } from '../log/log.ts';
import { wordsFor } from '../log/messages.ts';
import type { Tally } from '../metrics/recorder.ts';
import { VERSION } from '../version.ts';
import type { Shell } from './event-loop.ts';

/** Who is told of what is worth a line: the counters, the log, and the memory of it all that the last line is made of. */
export type Telling = Pick<Shell, 'say'> & {
  /** A check that may fail without taking the app out of traffic stands otherwise now. */
  readonly degraded: (check: string, standing: Standing) => void;
  /** Why it is over; null as long as it is not, or where there are no words for it. */
  readonly death: () => Death | null;
};

export type TellingTools = {
  readonly program: string;
  /** Where the health server is; null: there is none. */
  readonly health: string | null;
  readonly tally: Pick<Tally, 'noticed'>;
  readonly life: Ending;
  readonly log: Pick<Log, 'write'>;
  readonly faulted: (error: Error) => void;
};

export function telling({ program, health, tally, life, log, faulted }: TellingTools): Telling {
  let death: Death | null = null;
  const scene = { program, version: VERSION, health, signalName, duration: formatDuration, oomKilled: life.oomKilled };
  return {
    say({ notice }) {
      tally.noticed(notice);
      try {
        const words = wordsFor(notice, scene);
        life.heard(notice);
        if (notice.event === 'exited') death = life.deathBy(words, notice);
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
