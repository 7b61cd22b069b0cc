import { COMMAND_EXITS } from '../../src/cli/command-exits.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { Flag, Subcommand } from '../../src/cli/completion/grammar.ts';
import { grammarOf } from '../../src/cli/completion/read-grammar.ts';
import { OPTIONS } from '../../src/config/options/table.ts';
import { code, table } from './blocks.ts';

/** Each command: its command line, what it does, its own options, and its exit codes. */
export async function commandSections(): Promise<string> {
  const { commands } = await grammarOf(COMMANDS);
  return commands.map(sectionOf).join('\n\n');
}

function sectionOf(command: Subcommand): string {
  const { name, summary, flags, operands } = command;
  const exits = Object.entries(COMMAND_EXITS[name] ?? {});
  if (exits.length === 0) throw new Error(`cannot write the reference: ${name} has no row in src/cli/command-exits.ts`);
  const own = flags.filter((flag) => isOwn(flag, operands));
  return [
    `### k8s-run ${name}`,
    `${code(`k8s-run ${name} ${usageOf(command)}`)}: ${summary}.${operands === 'app' ? ' Takes the [options](#options) below as well.' : ''}`,
    ...(own.length === 0 ? [] : [table(['option', 'meaning'], own.map(optionRow))]),
    table(
      ['exit code', 'meaning'],
      exits.map(([exit, meaning]) => [exit, meaning]),
    ),
  ].join('\n\n');
}

/** What follows the name of the command on its command line. */
export function usageOf({ flags, operands }: Subcommand): string {
  const own = flags.filter((flag) => isOwn(flag, operands));
  const options = own.length === 0 && operands !== 'app' ? [] : ['[options]'];
  if (operands === 'app') return [...options, '--', '<command> [args…]'].join(' ');
  if (operands === 'files') return [...options, '<file…>'].join(' ');
  if (operands === 'folders') return [...options, '<folder>'].join(' ');
  return [...options, ...(operands.length === 0 ? [] : [`[${operands.join('|')}]`])].join(' ');
}

function optionRow({ name, placeholder, help }: Flag): readonly string[] {
  return [code(placeholder === '' ? name : `${name} ${placeholder}`), help];
}

/** `--help` and `--version` are said once for all; options of supervising stand in their own table. */
function isOwn({ name }: Flag, operands: Subcommand['operands']): boolean {
  if (name === '--help' || name === '--version') return false;
  return operands !== 'app' || Object.values(OPTIONS).every(({ flag }) => name !== `--${flag}`);
}
