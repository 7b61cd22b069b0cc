import { OPTIONS, type Option, type OptionKey } from '../../config/options/table.ts';
import type { ProbeKind } from '../../config/probe-spec.ts';
import type { Command, Taken } from '../command.ts';
import type { Flag, Grammar, Subcommand } from './grammar.ts';

/** Those that servers are told to stop, to read their files again, or to rotate their logs with. */
const SIGNALS = ['TERM', 'INT', 'QUIT', 'HUP', 'USR1', 'USR2', 'WINCH'];
const PROBES: Readonly<Record<ProbeKind, readonly string[]>> = {
  auto: ['auto'],
  process: ['process'],
  none: ['none'],
  http: ['http://:', 'https://'],
  tcp: ['tcp://:'],
  grpc: ['grpc://:'],
  exec: ['exec:'],
  file: ['file:/'],
};
const EVERYWHERE: readonly Flag[] = [
  { name: '--help', takes: null, placeholder: '', help: 'show this help' },
  { name: '--version', takes: null, placeholder: '', help: 'show the version' },
];

/** What the table of options and the commands say, for shells and for the man page. */
export async function grammarOf(commands: Readonly<Record<string, Command>>): Promise<Grammar> {
  const flags = (Object.keys(OPTIONS) as OptionKey[]).map((key) => asFlag(OPTIONS[key]));
  const subcommands = await Promise.all(
    Object.entries(commands).map(async ([name, { summary, load }]): Promise<Subcommand> => {
      const { takes = [], operands = [] } = await load();
      const own = [...takes.map(asTaken), ...EVERYWHERE];
      if (operands === 'options') return { name, summary, flags: [...own, ...flags], operands: 'app' };
      return { name, summary, flags: own, operands };
    }),
  );
  return { flags: [...flags, ...EVERYWHERE], commands: subcommands };
}

function asFlag(option: Option<unknown>): Flag {
  const { flag, takes, help, words } = option;
  return {
    name: `--${flag}`,
    placeholder: takes ?? '',
    help,
    takes: takes === null ? null : (words ?? wordsFor(takes)),
  };
}

function asTaken({ flags, help, words }: Taken): Flag {
  const [name = '', placeholder = ''] = flags.split(' ');
  return { name, placeholder, help, takes: placeholder === '' ? null : (words ?? wordsFor(placeholder)) };
}

/** `<auto|json|pretty>` says it itself; what stands for more than itself is known here. */
function wordsFor(takes: string): Exclude<Flag['takes'], null> {
  const parts = takes.replace(/^<|>$/g, '').split('|');
  if (parts.includes('file') || parts.includes('path')) return 'files';
  if (parts.includes('dir')) return 'folders';
  return parts.flatMap((part) => STANDING[part] ?? (parts.length > 1 ? [part] : []));
}

const STANDING: Readonly<Record<string, readonly string[]>> = {
  probe: Object.values(PROBES).flat(),
  signal: SIGNALS,
  signals: SIGNALS,
  'exec:command': ['exec:'],
  url: ['http://'],
  command: [],
};
