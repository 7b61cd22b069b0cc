import { Option as CommanderOption } from 'commander';
import type { Option, OptionGroup } from '../config/options/table.ts';

/** Headings of the help and of the reference, in their order. */
export const GROUPS: Readonly<Record<OptionGroup, string>> = {
  file: 'Configuration file',
  health: 'Health server',
  probes: 'Probes',
  shutdown: 'Shutdown',
  signals: 'Signals and exit codes',
  environment: "App's environment",
  hooks: 'Hooks and waiting',
  restart: 'Restart and reload',
  log: 'Log and last words',
};

/** A row of the table as commander lists it. */
export function asCommander(option: Option<unknown>): CommanderOption {
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
