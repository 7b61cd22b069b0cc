import type { ConfigMistake } from '../config/config.ts';
import { EXIT_CONFIG, EXIT_USAGE } from '../exit/exit-codes.ts';
import type { ExitRecord } from '../exit/finish.ts';
import type { Log } from '../log/log.ts';
import { printHelp } from './help.ts';
import { STDERR } from './print.ts';

/** Logs all mistakes at once, before anything is started. Returns the exit record, or the exit code where a bare `k8s-run` prints the help. */
export function reportMistakes(
  words: readonly string[],
  mistakes: readonly ConfigMistake[],
  warnings: readonly string[],
  log: Log,
): ExitRecord | number {
  if (words.length === 0) return printHelp(STDERR);
  const usage = mistakes.some(({ kind }) => kind === 'usage');
  const code = usage ? EXIT_USAGE : EXIT_CONFIG;
  for (const warning of warnings) log.write('warn', 'warning', warning);
  for (const { text } of mistakes) log.write('error', 'mistake', text);
  const count = mistakes.length === 1 ? 'One mistake' : `${mistakes.length} mistakes`;
  const where = usage ? 'the command line' : 'the configuration';
  return {
    code,
    level: 'error',
    msg: `${count} in ${where}; nothing was started`,
    facts: { cause: usage ? 'usage' : 'configuration' },
    details: mistakes.map(({ text }) => text),
  };
}
