import { Option as CommanderOption } from 'commander';
import type { GivenOption } from '../config/config.ts';
import { OPTIONS, type Option, type OptionKey } from '../config/options/table.ts';
import type { CommandOption } from './command-file.ts';
import { commandLine, readWords } from './command-line.ts';
import { sentences } from './help-layout.ts';
import { commanderOption } from './option-help.ts';

/** The words of a command that takes k8s-run's own options and an app's command line beside its own options. */
export type AppCommandLine = {
  readonly flags: readonly GivenOption[];
  /** The values of the command's own options, by flag, in their order; `true` for one without a value. */
  readonly ownOptions: ReadonlyMap<string, readonly (string | true)[]>;
  readonly command: readonly string[];
};

/** Reads these words. Returns a number, the exit code, after it has printed the help or a mistake. */
export function readAppCommandLine(
  name: string,
  description: string,
  options: readonly CommandOption[],
  words: readonly string[],
): AppCommandLine | number {
  const flags: GivenOption[] = [];
  const ownOptions = new Map<string, (string | true)[]>();
  const program = commandLine(name, description)
    .usage('[options] -- <command> [args…]')
    .argument('[command...]', 'command line of the app')
    .passThroughOptions()
    .addHelpText('after', sentences('\nThe options of k8s-run are accepted, too; k8s-run --help lists them.'));
  for (const { flags: written, help } of options) {
    const option = new CommanderOption(written, help);
    program.addOption(option);
    const values: (string | true)[] = [];
    program.on(`option:${option.name()}`, (value?: string | null) => {
      values.push(value ?? true);
      ownOptions.set(option.name(), values);
    });
  }
  for (const key of Object.keys(OPTIONS) as OptionKey[]) {
    const option: Option<unknown> = OPTIONS[key];
    const source = `--${option.flag}`;
    program.addOption(commanderOption(option).hideHelp());
    program.on(`option:${option.flag}`, (text?: string | null) => flags.push({ key, source, text: text ?? 'true' }));
    if (option.takes !== null) continue;
    const negated = `no-${option.flag}`;
    program.addOption(new CommanderOption(`--${negated}`).hideHelp());
    program.on(`option:${negated}`, () => flags.push({ key, source: `--${negated}`, text: 'false' }));
  }
  const read = readWords(program, words);
  return typeof read === 'number' ? read : { flags, ownOptions, command: read.args };
}
