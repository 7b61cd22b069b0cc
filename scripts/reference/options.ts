import { GROUPS } from '../../src/cli/option-help.ts';
import { OPTIONS, type Option, type OptionGroup, variableFor } from '../../src/config/options/table.ts';
import { code, table } from './blocks.ts';

/** The options of supervising, group by group. */
export function optionTables(): string {
  const options: readonly Option<unknown>[] = Object.values(OPTIONS);
  return (Object.keys(GROUPS) as OptionGroup[])
    .map((group) => {
      const rows = options.filter((option) => option.group === group).map(optionRow);
      return `**${GROUPS[group]}**\n\n${table(['option', 'variable', 'default', 'meaning'], rows)}`;
    })
    .join('\n\n');
}

function optionRow(option: Option<unknown>): readonly string[] {
  const { flag, takes, fallback, fallbackWords, repeats, help } = option;
  return [
    code(`--${flag}${takes === null ? '' : ` ${takes}`}`),
    code(variableFor(option)),
    fallbackWords ?? (fallback === null ? '–' : code(fallback)),
    `${help}${repeats === true ? '; repeatable' : ''}`,
  ];
}
