import type { Config } from '../config/config.ts';
import type { Signal } from '../lifecycle/state.ts';
import {
  commandLineOf,
  configurationOf,
  descendantsOf,
  executableOf,
  listProcesses,
  variableOf,
} from '../linux/procfs.ts';
import { signalName } from '../linux/signal-names.ts';
import type { Log } from '../log/log.ts';
import type { HowItStops } from '../programs/stop-advice.ts';

/** Hints about the app, where it is one of the known programs. */
export type ProgramHints = {
  /** Loads the table of known programs. Until then there are no hints. */
  readonly load: () => Promise<void>;
  /** How to run the first known of these programs in the foreground. */
  readonly foreground: (names: readonly string[]) => string | undefined;
  /** A shutdown begins, and the app will be sent this signal. Says once what would stop it better. */
  readonly terminating: (signal: Signal) => void;
};

type Room = typeof import('../programs/recognize.ts') & typeof import('../programs/stop-advice.ts');
type Found = Pick<HowItStops, 'program' | 'name'> & { readonly pid: number | null; readonly words: readonly string[] };

export type ProgramHintsDeps = {
  readonly command: readonly string[];
  readonly config: Pick<Config, 'signalScope'>;
  /** The app's process; null before it was started. */
  readonly app: () => number | null;
  readonly log: Pick<Log, 'write'>;
};

export function createProgramHints({ command, config, app, log }: ProgramHintsDeps): ProgramHints {
  let room: Room | null = null;
  let said = false;

  const find = ({ recognize, STAYS_IN_FRONT }: Room): Found | null => {
    const pid = app();
    const words = pid === null ? [] : commandLineOf(pid);
    const own = recognize(words.length === 0 ? command : words);
    if (own !== null && pid !== null && isBusybox(pid)) return null;
    if (own !== null) return { ...own, pid, words: [...words, ...command] };
    if (pid === null || !STAYS_IN_FRONT.test((words[0] ?? '').replace(/^.*\//, ''))) return null;
    for (const below of descendantsOf(pid, listProcesses())) {
      const theirs = commandLineOf(below.pid);
      const found = recognize(theirs);
      if (found !== null) return { ...found, pid: below.pid, words: theirs };
    }
    return null;
  };

  return {
    async load() {
      room ??= {
        ...(await import('../programs/recognize.ts')),
        ...(await import('../programs/stop-advice.ts')),
      };
    },
    foreground: (names) => room?.foregroundOf(names),
    terminating(signal) {
      if (room === null || said) return;
      const found = find(room);
      if (found === null) return;
      const { program, name, pid, words } = found;
      const files = pid === null || program.advice?.followedBy === undefined ? [] : words.filter(isConfiguration);
      const advice = room.adviceFor({
        program,
        name,
        text: [words.join(' '), ...files.map((file) => configurationOf(pid ?? 0, file))].join('\n'),
        hasVariable: (variable) => pid !== null && variableOf(pid, variable) !== null,
        sent: signalName(signal).replace(/^SIG/, ''),
        signalScope: config.signalScope,
      });
      if (advice === null) return;
      said = true;
      const behind = pid !== null && pid !== app() && program.advice?.signalScope === 'process';
      const exec = behind ? `, and exec before ${name} in the script that starts it` : '';
      log.write('warn', 'warning', `${advice.reason}; with ${advice.remedy}${exec} ${advice.gain}`, {
        program: name,
        advice: advice.options,
      });
    },
  };
}

/** Its applets have names of other programs: httpd is not Apache's. */
const isBusybox = (pid: number): boolean => /\/busybox$/.test(executableOf(pid) ?? '');

const isConfiguration = (word: string): boolean => /\.(ini|ya?ml|json|xml)$/.test(word);
