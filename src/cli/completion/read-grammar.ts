import { OPTIONS, type Option, type OptionKey } from '../../config/options/table.ts';
import type { ProbeKind } from '../../config/probe-spec.ts';
import type { Command, CommandOption } from '../command-file.ts';
import type { Flag, Grammar, Subcommand } from './grammar.ts';

/** The signals by which servers usually stop, reload or rotate their logs. */
const SIGNALS = ['TERM', 'INT', 'QUIT', 'HUP', 'USR1', 'USR2', 'WINCH'];
const PROBE_PREFIXES: Readonly<Record<ProbeKind, readonly string[]>> = {
  auto: ['auto'],
  process: ['process'],
  none: ['none'],
  http: ['http://:', 'https://', 'h2c://:'],
  tcp: ['tcp://:'],
  grpc: ['grpc://:', 'grpcs://:'],
  exec: ['exec:'],
  file: ['file:/'],
};
const COMMON_FLAGS: readonly Flag[] = [
  { name: '--help', values: null, placeholder: '', help: 'show this help' },
  { name: '--version', values: null, placeholder: '', help: 'show the version' },
];

/** Reads the table of options and the commands, for shell completions and the man page. */
export async function grammarOf(commands: Readonly<Record<string, Command>>): Promise<Grammar> {
  const flags = (Object.keys(OPTIONS) as OptionKey[]).map((key) => flagOfOption(OPTIONS[key]));
  const subcommands = await Promise.all(
    Object.entries(commands).map(async ([name, { summary, load }]): Promise<Subcommand> => {
      const { options = [], operands = [] } = await load();
      const own = [...options.map(flagOfCommandOption), ...COMMON_FLAGS];
      return { name, summary, flags: operands === 'app' ? [...own, ...flags] : own, operands };
    }),
  );
  return { flags: [...flags, ...COMMON_FLAGS], commands: subcommands };
}

function flagOfOption(option: Option<unknown>): Flag {
  const { flag, takes, help, words } = option;
  return {
    name: `--${flag}`,
    placeholder: takes ?? '',
    help,
    values: takes === null ? null : (words ?? valuesFor(takes)),
  };
}

function flagOfCommandOption({ flags, help, words }: CommandOption): Flag {
  const [name = '', placeholder = ''] = flags.split(' ');
  return { name, placeholder, help, values: placeholder === '' ? null : (words ?? valuesFor(placeholder)) };
}

/** `<auto|json|pretty>` lists its values itself; the values of other placeholders are below. */
function valuesFor(placeholder: string): Exclude<Flag['values'], null> {
  const parts = placeholder.replace(/^<|>$/g, '').split('|');
  if (parts.includes('file') || parts.includes('path')) return 'files';
  if (parts.includes('dir')) return 'folders';
  return parts.flatMap((part) => PLACEHOLDER_VALUES[part] ?? (parts.length > 1 ? [part] : []));
}

const PLACEHOLDER_VALUES: Readonly<Record<string, readonly string[]>> = {
  probe: Object.values(PROBE_PREFIXES).flat(),
  signal: SIGNALS,
  signals: SIGNALS,
  'exec:command': ['exec:'],
  'signal:NAME': ['QUIT', 'USR1', 'USR2', 'ABRT'].map((name) => `signal:${name}`),
  url: ['http://'],
  command: [],
};
