import { existsSync } from 'node:fs';
import { readArguments } from '../argv.ts';
import type { GivenOption } from '../config.ts';
import type { Diagnostics } from '../file/diagnostics.ts';
import type { Position } from '../file/yaml.ts';
import { OPTIONS, type Option, type OptionKey, variableFor } from '../options/table.ts';
import { splitWords } from '../split-words.ts';
import { expandVariables } from './expand.ts';

/** The command and args of a container, and their position in the manifest. */
export type ContainerCommand = {
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly position: Position;
};

/** The options of k8s-run in a container, without those that name a file which this machine does not have. */
export type ContainerOptions = {
  readonly options: readonly GivenOption[];
  readonly environment: Readonly<Record<string, string>>;
  readonly remarks: readonly string[];
};

const PROGRAM = /(^|\/)k8s-run(\.js)?$/;
const SHELL = /(^|\/)(sh|bash|ash|dash|zsh|busybox)$/;

/** The options that a container gives to k8s-run in its command, its args and its variables. */
export function containerOptions(
  container: ContainerCommand,
  environment: Readonly<Record<string, string>>,
  diagnostics: Diagnostics,
): ContainerOptions {
  const remarks: string[] = [];
  const isAvailable = (key: OptionKey, source: string, path: string): boolean => {
    const takes = (OPTIONS[key] as Option<unknown>).takes ?? '';
    if (!['<file>', '<dir>', '<path>'].includes(takes) || existsSync(path)) return true;
    remarks.push(
      `${source} ${path} was left out, because it does not exist on this machine; give another on the command line`,
    );
    return false;
  };
  const given = optionsIn(container, environment, diagnostics);
  const options = given.filter(({ key, text }) => isAvailable(key, `--${OPTIONS[key].flag}`, text));
  const missing = (Object.keys(OPTIONS) as OptionKey[]).flatMap((key) => {
    const name = variableFor(OPTIONS[key]);
    const text = environment[name];
    return text === undefined || text === '' || isAvailable(key, name, text) ? [] : [name];
  });
  const kept = Object.entries(environment).filter(([name]) => !missing.includes(name));
  return { options, environment: Object.fromEntries(kept), remarks };
}

function optionsIn(
  { command, args, position }: ContainerCommand,
  environment: Readonly<Record<string, string>>,
  diagnostics: Diagnostics,
): readonly GivenOption[] {
  const expand = (word: string): string => expandVariables(word, environment);
  const words = wordsAfterProgram(command.map(expand), args.map(expand));
  if (words === null) return [];
  // The app's command may come from the image, so a placeholder stands for it.
  const line = readArguments([...words, '--', 'the-app']);
  if (line.kind !== 'supervise') return [];
  for (const { text } of line.mistakes) diagnostics.addMistake(position, 'command', text);
  return line.flags.map((flag) => ({ ...flag, source: `${diagnostics.locate(position)} ${flag.source}` }));
}

/** The words that follow k8s-run; null where the container runs another program. */
function wordsAfterProgram(command: readonly string[], args: readonly string[]): readonly string[] | null {
  const words = [...command, ...args];
  const direct = words.findIndex((word) => PROGRAM.test(word));
  if (direct >= 0) return words.slice(direct + 1);
  const flag = SHELL.test(words[0] ?? '') ? words.findIndex((word) => /^-[a-z]*c$/.test(word)) : -1;
  const script = splitWords(flag < 0 ? '' : (words[flag + 1] ?? ''));
  const inScript = 'ok' in script ? script.ok.findIndex((word) => PROGRAM.test(word)) : -1;
  if ('ok' in script && inScript >= 0) return script.ok.slice(inScript + 1);
  // Without a command the image's ENTRYPOINT runs. It is k8s-run if the first argument is one of its options.
  if (command.length > 0) return null;
  const name = /^--(?:no-)?([\w-]+)/.exec(args[0] ?? '')?.[1];
  return Object.values(OPTIONS).some((option) => option.flag === name) ? args : null;
}
