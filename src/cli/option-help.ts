import { Option as CommanderOption } from 'commander';
import type { Option, OptionGroup } from '../config/options/table.ts';

/** The groups of options in the help and in docs/reference.md, in this order. */
export const GROUPS: Readonly<Record<OptionGroup, string>> = {
  file: 'Configuration file',
  health: 'Health server',
  probes: 'Probes',
  shutdown: 'Shutdown',
  signals: 'Signals and exit codes',
  environment: "App's environment",
  hooks: 'Hooks and waiting',
  restart: 'Restart and reload',
  log: 'Log and termination message',
};

/** A row of the table of options, for commander. */
export function commanderOption(option: Option<unknown>): CommanderOption {
  const flags = `--${option.flag}${option.takes === null ? '' : ` ${option.takes}`}`;
  const fallback = option.fallbackWords ?? option.fallback;
  const words = [
    option.help,
    fallback === null ? '' : `default: ${fallback}`,
    option.repeats === true ? 'repeatable' : '',
  ];
  const [help, ...notes] = words.filter((word) => word !== '');
  return new CommanderOption(flags, notes.length === 0 ? help : `${help} (${notes.join('; ')})`);
}
