import type { ConfigMistake, GivenOption } from './config.ts';
import { didYouMean } from './did-you-mean.ts';
import { OPTIONS, type Option, type OptionKey } from './options/table.ts';

/** A parsed command line. `help` and `version` override everything else on it. */
export type CommandLine =
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'command'; readonly name: string; readonly words: readonly string[] }
  | {
      readonly kind: 'supervise';
      readonly flags: readonly GivenOption[];
      readonly command: readonly string[];
      readonly mistakes: readonly ConfigMistake[];
    };

const BY_FLAG = new Map<string, OptionKey>(
  (Object.keys(OPTIONS) as OptionKey[]).map((key) => [OPTIONS[key].flag, key]),
);

/**
 * Splits the words after `k8s-run` into options and the app's command. Options end at the first word that is not one, or after
 * `--`. Mistakes are collected, not thrown.
 *
 * When the first word is one of `commands`, the rest belongs to that command (`k8s-run env`). After an option or `--` the same
 * word is the name of a program.
 *
 * commander is used for the help only (cli/help.ts), because loading it before the spawn would take a third of the start.
 */
export function readArguments(words: readonly string[], commands: ReadonlySet<string> = new Set()): CommandLine {
  const [first] = words;
  if (first !== undefined && commands.has(first)) return { kind: 'command', name: first, words: words.slice(1) };
  const flags: GivenOption[] = [];
  const mistakes: ConfigMistake[] = [];
  let index = 0;
  for (; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const place = ['command line', index, 0] as const;
    if (word === '--') {
      index += 1;
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      // It may be the value of an unknown option. If `--` follows, the options up to there can still be checked.
      if (mistakes.length > 0 && words.indexOf('--', index) > 0) continue;
      break;
    }
    if (word === '--help' || word === '-h') return { kind: 'help' };
    if (word === '--version' || word === '-V') return { kind: 'version' };
    const [, name = '', value] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    const negated = name.startsWith('no-') ? BY_FLAG.get(name.slice(3)) : undefined;
    const key = BY_FLAG.get(name) ?? (negated !== undefined && OPTIONS[negated].takes === null ? negated : undefined);
    if (key === undefined) {
      mistakes.push({ ...unknown(word), place });
      continue;
    }
    const option: Option<unknown> = OPTIONS[key];
    const source = `--${name}`;
    if (negated !== undefined && value !== undefined) {
      mistakes.push({
        kind: 'usage',
        text: `${source} takes no value; write ${source} or --${option.flag}=${value}`,
        place,
      });
      continue;
    }
    if (option.takes === null) {
      const text = value ?? (name === option.flag ? 'true' : 'false');
      flags.push({ key, source, text, place });
      continue;
    }
    const next = words[index + 1];
    const text = value ?? (next === '--' ? undefined : next);
    if (text === undefined) {
      mistakes.push({ kind: 'usage', text: `${source} needs a value: ${source} ${option.takes}`, place });
      continue;
    }
    if (value === undefined) index += 1;
    flags.push({ key, source, text, place });
  }
  const command = words.slice(index);
  if (command.length === 0)
    mistakes.push({
      kind: 'usage',
      text: 'no command to run; write k8s-run [options] -- command',
      place: ['command line', index, 0],
    });
  return { kind: 'supervise', flags, command, mistakes };
}

function unknown(word: string): ConfigMistake {
  const name = word.replace(/=.*$/s, '');
  const guess = didYouMean(
    name,
    [...BY_FLAG.keys()].map((flag) => `--${flag}`),
  );
  const hint = guess === null ? 'k8s-run --help lists all options' : `did you mean ${guess}?`;
  return { kind: 'usage', text: `unknown option ${name}; ${hint}` };
}
