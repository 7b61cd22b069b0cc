import { EXIT_USAGE } from '../exit/exit-codes.ts';
import type { Invocation } from './command-file.ts';
import { commandLine, helpHint, readWords } from './command-line.ts';
import { bashScript } from './completion/bash.ts';
import { fishScript } from './completion/fish.ts';
import type { Grammar } from './completion/grammar.ts';
import { grammarOf } from './completion/read-grammar.ts';
import { zshScript } from './completion/zsh.ts';
import { sentences } from './help-layout.ts';
import { print, STDERR } from './print.ts';

const SHELLS: Readonly<Record<string, (grammar: Grammar) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};
export const operands: readonly string[] = Object.keys(SHELLS);

const EXAMPLES = `
  source <(k8s-run completion bash)         # in ~/.bashrc
  source <(k8s-run completion zsh)          # in ~/.zshrc, after compinit
  k8s-run completion fish | source          # in ~/.config/fish/config.fish`;

/** `k8s-run completion`: prints the script to stdout. */
export async function run({ words, commands }: Invocation): Promise<number> {
  const program = commandLine('completion', 'Prints the script that completes k8s-run in a shell.')
    .usage(`[${operands.join('|')}]`)
    .argument('[shell]', operands.join(', '))
    .addHelpText('after', sentences(EXAMPLES));
  const read = readWords(program, words);
  if (typeof read === 'number') return read;
  const [shell = ''] = read.args;
  const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
  if (script === undefined) {
    const cause = shell === '' ? 'no shell given' : `${JSON.stringify(shell)} is not supported`;
    const mistake = `cannot print a completion script: ${cause}; write one of ${operands.join(', ')}`;
    print(`k8s-run completion: ${mistake}\n${helpHint('completion')}\n`, STDERR);
    return EXIT_USAGE;
  }
  print(script(await grammarOf(commands)));
  return 0;
}
