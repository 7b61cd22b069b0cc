import type { Invocation } from './command.ts';
import { commandLine, EXIT_USAGE, readWords } from './command-line.ts';
import { bashScript } from './completion/bash.ts';
import { fishScript } from './completion/fish.ts';
import type { Grammar } from './completion/grammar.ts';
import { grammarOf } from './completion/words.ts';
import { zshScript } from './completion/zsh.ts';
import { print, STDERR } from './print.ts';

const SHELLS: Readonly<Record<string, (grammar: Grammar) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};
export const operands: readonly string[] = Object.keys(SHELLS);

const AFTER = `
  source <(k8s-run completion bash)         # in ~/.bashrc; in ~/.zshrc the same with zsh, after compinit
  k8s-run completion fish | source          # in ~/.config/fish/config.fish`;

/** `k8s-run completion`: the script goes to stdout. */
export async function run({ words, commands }: Invocation): Promise<number> {
  const program = commandLine('completion', 'Prints a script with which a shell completes k8s-run.')
    .argument('[shell]', operands.join(', '))
    .addHelpText('after', AFTER);
  const read = readWords(program, words);
  if (typeof read === 'number') return read;
  const [shell = ''] = read.args;
  const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
  if (script === undefined) {
    const seen = shell === '' ? 'no shell' : `no completion for ${JSON.stringify(shell)}`;
    print(
      `k8s-run completion: ${seen}; name one of ${operands.join(', ')}\nk8s-run completion --help lists what it takes\n`,
      STDERR,
    );
    return EXIT_USAGE;
  }
  print(script(await grammarOf(commands)));
  return 0;
}
