import { Command, CommanderError } from 'commander';
import { VERSION } from '../version.ts';
import { print, STDERR, STDOUT } from './print.ts';

/** sysexits(3): EX_USAGE. */
export const EXIT_USAGE = 64;

/** A command's own command line: its name is said in the help and in front of every mistake. */
export function commandLine(name: string, description: string): Command {
  return new Command(`k8s-run ${name}`)
    .description(description)
    .helpOption('-h, --help', 'show this help')
    .version(VERSION, '-V, --version', 'show the version')
    .configureHelp({ helpWidth: 100 })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => print(text, STDOUT),
      writeErr: (text) => print(text, STDERR),
      outputError: (text, write) => write(`k8s-run ${name}: ${text.replace(/^error: /, '')}`),
    })
    .showHelpAfterError(`k8s-run ${name} --help lists what it takes`);
}

/** Reads the words, or says what is wrong with them: a number is the exit code with which it is over. */
export function readWords(program: Command, words: readonly string[]): Command | number {
  try {
    return program.parse(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : EXIT_USAGE;
  }
}
