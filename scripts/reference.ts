import { readFileSync, writeFileSync } from 'node:fs';
import { GROUPS } from '../src/cli/option-help.ts';
import { OPTIONS, type Option, type OptionGroup, variableFor } from '../src/config/options/table.ts';

/**
 * Prints docs/reference.md as it has to be: its prose as it stands, its table of options from src/config/options/table.ts.
 * With --write it becomes so. test/docs.test.ts fails while the two differ.
 */
const PAGE: URL = new URL('../docs/reference.md', import.meta.url);
const GENERATED = /(<!-- generated from [^>]*-->\n)[\s\S]*?(<!-- end of what is generated -->)/;

export function reference(page: string = readFileSync(PAGE, 'utf8')): string {
  if (!GENERATED.test(page)) throw new Error('docs/reference.md has lost the marks between which its options stand');
  return page.replace(GENERATED, (_all, begin: string, end: string) => `${begin}${options()}\n${end}`);
}

function options(): string {
  const rows: readonly Option<unknown>[] = Object.values(OPTIONS);
  return (Object.keys(GROUPS) as OptionGroup[])
    .map((group) => {
      const lines = rows.filter((option) => option.group === group).map(row);
      return [
        '',
        `**${GROUPS[group]}**`,
        '',
        '| option | variable | default | meaning |',
        '| --- | --- | --- | --- |',
        ...lines,
        '',
      ].join('\n');
    })
    .join('');
}

function row(option: Option<unknown>): string {
  const flag = `\`--${option.flag}${option.takes === null ? '' : ` ${option.takes}`}\``;
  const fallback = option.fallbackWords ?? (option.fallback === null ? '–' : `\`${option.fallback}\``);
  const meaning = `${option.help}${option.repeats === true ? '; repeatable' : ''}`;
  const cells = [flag, `\`${variableFor(option)}\``, fallback, meaning];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

if (import.meta.main) {
  if (process.argv.includes('--write')) writeFileSync(PAGE, reference());
  else process.stdout.write(reference());
}
