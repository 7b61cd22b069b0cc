import type { Flag, Grammar, Subcommand } from './grammar.ts';

/** What cobra's completion, which is kubectl's, does with an answer (ShellCompDirective of github.com/spf13/cobra). */
const DIRECTIVE = { default: 0, noSpace: 2, noFiles: 4, folders: 16 } as const;

/** What may stand in the place of the word that is typed, and what the shell shall do with it. */
type Answer = { readonly candidates: readonly string[]; readonly directive: number };

/**
 * The answer to kubectl, which asks with all words behind `kubectl k8s-run`, the last one being typed: a candidate a line, with its
 * description behind a tab, then the directive.
 */
export function kubectlAnswer(grammar: Grammar, words: readonly string[]): string {
  const { candidates, directive } = answerTo(grammar, words);
  return [...candidates, `:${directive}`, ''].join('\n');
}

function answerTo(grammar: Grammar, words: readonly string[]): Answer {
  const typed = words.at(-1) ?? '';
  const command = words.length > 1 ? grammar.commands.find(({ name }) => name === words[0]) : undefined;
  const flags = command?.flags ?? grammar.flags;
  const before = words.slice(command === undefined ? 0 : 1, -1);
  const place = placeAfter(before, flags, command === undefined || command.operands === 'app');
  if (place === 'app') return { candidates: [], directive: DIRECTIVE.default };
  if (place !== 'free' && place !== 'operands') return valuesOf(place, typed, '');
  const [, name, value] = /^(--[^=]+)=(.*)$/s.exec(typed) ?? [];
  if (place === 'free' && name !== undefined) {
    const flag = flags.find((each) => each.name === name);
    return valuesOf(flag, value ?? '', `${name}=`);
  }
  if (place === 'free' && typed.startsWith('-'))
    return among(
      flags.map(({ name: each, help }) => [each, help]),
      typed,
    );
  if (command === undefined && before.length === 0) return among(grammar.commands.map(summaryOf), typed);
  return operandsOf(command, typed);
}

/** Where the next word stands: a value of an option, the app's command line, behind `--`, or free to be an option. */
function placeAfter(
  words: readonly string[],
  flags: readonly Flag[],
  hasApp: boolean,
): Flag | 'app' | 'operands' | 'free' {
  let expects: Flag | undefined;
  for (const word of words) {
    if (expects !== undefined) expects = undefined;
    else if (word === '--') return hasApp ? 'app' : 'operands';
    else if (word.startsWith('-')) expects = flags.find(({ name, values }) => name === word && values !== null);
    else if (hasApp) return 'app';
  }
  return expects ?? 'free';
}

function valuesOf(flag: Flag | undefined, typed: string, prefix: string): Answer {
  const values = flag?.values ?? [];
  if (values === 'files') return { candidates: [], directive: DIRECTIVE.default };
  if (values === 'folders') return { candidates: [], directive: DIRECTIVE.folders };
  return among(
    values.map((value) => [`${prefix}${value}`, '']),
    prefix + typed,
  );
}

function operandsOf(command: Subcommand | undefined, typed: string): Answer {
  const operands = command?.operands ?? 'app';
  if (operands === 'app' || operands === 'files') return { candidates: [], directive: DIRECTIVE.default };
  if (operands === 'folders') return { candidates: [], directive: DIRECTIVE.folders };
  return among(
    operands.map((each) => [each, '']),
    typed,
  );
}

function summaryOf({ name, summary }: Subcommand): readonly [string, string] {
  return [name, summary];
}

/** Those that begin with what is typed; a beginning of a value, such as `http://:`, is completed without a space. */
function among(all: readonly (readonly [word: string, about: string])[], typed: string): Answer {
  const found = all.filter(([word]) => word.startsWith(typed));
  const isBeginning = found.length === 1 && /[:/]$/.test(found[0]?.[0] ?? '');
  return {
    candidates: found.map(([word, about]) => (about === '' ? word : `${word}\t${about}`)),
    directive: DIRECTIVE.noFiles + (isBeginning ? DIRECTIVE.noSpace : 0),
  };
}
