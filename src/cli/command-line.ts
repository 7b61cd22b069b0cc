import { Command, CommanderError } from 'commander';
import { EXIT_USAGE } from '../exit/exit-codes.ts';
import { VERSION } from '../version.ts';
import { asCalled, PROGRAM } from './called-as.ts';
import { HELP_LAYOUT } from './help-layout.ts';
import { print, STDERR, STDOUT } from './print.ts';
import { widthOf } from './terminal-width.ts';

/** The parser of a command's words, with the command's name in the help and before each mistake. */
export function commandLine(name: string, description: string): Command {
  return new Command(`k8s-run ${name}`)
    .description(description)
    .helpOption('-h, --help', 'show this help')
    .version(VERSION, '-V, --version', 'show the version')
    .configureHelp(HELP_LAYOUT)
    .exitOverride()
    .configureOutput({
      getOutHelpWidth: () => widthOf(STDOUT),
      getErrHelpWidth: () => widthOf(STDERR),
      writeOut: (text) => print(asCalled(text, name), STDOUT),
      writeErr: (text) => print(text, STDERR),
      outputError: (text, write) => write(`k8s-run ${name}: ${text.replace(/^error: /, '')}`),
    })
    .showHelpAfterError(helpHint(name));
}

export function helpHint(name: string): string {
  return `${PROGRAM} ${name} --help lists its options`;
}

/** Parses the words. Returns a number, the exit code, after it has printed the help, the version or a mistake. */
export function readWords(program: Command, words: readonly string[]): Command | number {
  try {
    return program.parse(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : EXIT_USAGE;
  }
}
