import { Option as CommanderOption } from 'commander';
import type { GivenOption } from '../config/config.ts';
import { OPTIONS, type Option, type OptionGroup, type OptionKey } from '../config/options/table.ts';
import type { Taken } from './command.ts';
import { commandLine, readWords } from './command-line.ts';
import { asCommander, GROUPS } from './option-help.ts';

/** What was given to a command that takes the options of supervising beside its own, and the app's command line. */
export type WithOptions = {
  readonly flags: readonly GivenOption[];
  /** Its own, by flag; `true` for one without a value. */
  readonly own: ReadonlyMap<string, string | true>;
  readonly command: readonly string[];
};

/** Reads such words; a number is the exit code with which it is over. */
export function readWithOptions(
  name: string,
  description: string,
  takes: readonly Taken[],
  words: readonly string[],
): WithOptions | number {
  const flags: GivenOption[] = [];
  const own = new Map<string, string | true>();
  const program = commandLine(name, description)
    .usage('[options] -- <command> [args…]')
    .argument('[command...]', 'the app, as k8s-run would start it')
    .passThroughOptions()
    .optionsGroup('Options:');
  for (const { flags: written, help } of takes) {
    const option = new CommanderOption(written, help);
    program.addOption(option);
    program.on(`option:${option.name()}`, (value?: string | null) => own.set(option.name(), value ?? true));
  }
  for (const group of Object.keys(GROUPS) as OptionGroup[]) {
    program.optionsGroup(`${GROUPS[group]}, as k8s-run takes them:`);
    for (const key of Object.keys(OPTIONS) as OptionKey[]) {
      const option: Option<unknown> = OPTIONS[key];
      if (option.group !== group) continue;
      const source = `--${option.flag}`;
      program.addOption(asCommander(option));
      program.on(`option:${option.flag}`, (text?: string | null) => flags.push({ key, source, text: text ?? 'true' }));
      if (option.takes !== null) continue;
      // As k8s-run itself takes it, and as little spoken of.
      const negated = `no-${option.flag}`;
      program.addOption(new CommanderOption(`--${negated}`).hideHelp());
      program.on(`option:${negated}`, () => flags.push({ key, source: `--${negated}`, text: 'false' }));
    }
  }
  const read = readWords(program, words);
  return typeof read === 'number' ? read : { flags, own, command: read.args };
}
