import { existsSync } from 'node:fs';
import { readArguments } from '../argv.ts';
import type { GivenOption } from '../config.ts';
import type { Findings } from '../file/diagnostics.ts';
import type { Place } from '../file/yaml.ts';
import { OPTIONS, type Option, type OptionKey, variableFor } from '../options/table.ts';
import { splitWords } from '../split-words.ts';
import { expanded } from './expand.ts';

/** A container's command and args, one after the other, and where they stand. */
export type ContainerWords = {
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly place: Place;
};

/** The options of k8s-run that a container has, and what of them cannot be had outside of it. */
export type ContainerOptions = {
  readonly options: readonly GivenOption[];
  readonly environment: Readonly<Record<string, string>>;
  readonly remarks: readonly string[];
};

const PROGRAM = /(^|\/)k8s-run(\.js)?$/;
const SHELL = /(^|\/)(sh|bash|ash|dash|zsh|busybox)$/;

/** What a container's words and variables tell its k8s-run. Options that name files are kept where those are here too. */
export function containerOptions(
  words: ContainerWords,
  environment: Readonly<Record<string, string>>,
  findings: Findings,
): ContainerOptions {
  const remarks: string[] = [];
  const isHere = (key: OptionKey, source: string, path: string): boolean => {
    const takes = (OPTIONS[key] as Option<unknown>).takes ?? '';
    if (!['<file>', '<dir>', '<path>'].includes(takes) || existsSync(path)) return true;
    remarks.push(`${source} ${path} is not on this machine and was left out; give another on the command line`);
    return false;
  };
  const given = optionsIn(words, environment, findings);
  const options = given.filter(({ key, text }) => isHere(key, `--${OPTIONS[key].flag}`, text));
  const missing = (Object.keys(OPTIONS) as OptionKey[]).flatMap((key) => {
    const name = variableFor(OPTIONS[key]);
    const text = environment[name];
    return text === undefined || text === '' || isHere(key, name, text) ? [] : [name];
  });
  const kept = Object.entries(environment).filter(([name]) => !missing.includes(name));
  return { options, environment: Object.fromEntries(kept), remarks };
}

function optionsIn(
  { command, args, place }: ContainerWords,
  environment: Readonly<Record<string, string>>,
  findings: Findings,
): readonly GivenOption[] {
  const fill = (word: string): string => expanded(word, environment);
  const words = behindProgram(command.map(fill), args.map(fill));
  if (words === null) return [];
  // The app's own command may be the image's, and is not asked for here.
  const line = readArguments([...words, '--', 'the-app']);
  if (line.kind !== 'supervise') return [];
  for (const { text } of line.mistakes) findings.wrong(place, 'command', text);
  return line.flags.map((flag) => ({ ...flag, source: `${findings.at(place)} ${flag.source}` }));
}

/** What follows k8s-run; null where another program is run. */
function behindProgram(command: readonly string[], args: readonly string[]): readonly string[] | null {
  const words = [...command, ...args];
  const direct = words.findIndex((word) => PROGRAM.test(word));
  if (direct >= 0) return words.slice(direct + 1);
  const flag = SHELL.test(words[0] ?? '') ? words.findIndex((word) => /^-[a-z]*c$/.test(word)) : -1;
  const script = splitWords(flag < 0 ? '' : (words[flag + 1] ?? ''));
  const inScript = 'ok' in script ? script.ok.findIndex((word) => PROGRAM.test(word)) : -1;
  if ('ok' in script && inScript >= 0) return script.ok.slice(inScript + 1);
  // Behind the image's ENTRYPOINT: whose options they are shows in their names.
  if (command.length > 0) return null;
  const name = /^--(?:no-)?([\w-]+)/.exec(args[0] ?? '')?.[1];
  return Object.values(OPTIONS).some((option) => option.flag === name) ? args : null;
}
