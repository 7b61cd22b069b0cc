import { EXIT_USAGE } from '../exit/exit-codes.ts';
import type { Invocation } from './command-file.ts';
import { commandLine, helpHint, readWords } from './command-line.ts';
import { bashScript } from './completion/bash.ts';
import { kubectlAnswer } from './completion/candidates.ts';
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
/** Not a shell: kubectl asks for each word of its plugin. */
const KUBECTL = 'kubectl';
export const operands: readonly string[] = [...Object.keys(SHELLS), KUBECTL];

const EXAMPLES = `
  source <(k8s-run completion bash)         # in ~/.bashrc
  source <(k8s-run completion zsh)          # in ~/.zshrc, after compinit
  k8s-run completion fish | source          # in ~/.config/fish/config.fish
  k8s-run completion kubectl                # as an executable kubectl_complete-k8s_run on the PATH`;

/** The program that kubectl looks for (1.26 and later). The package and the .deb have it already. */
const KUBECTL_SCRIPT = `#!/bin/sh
# Printed by \`k8s-run completion kubectl\`: an executable kubectl_complete-k8s_run on the PATH.
exec kubectl k8s-run completion kubectl -- "$@"
`;

/** `k8s-run completion`: prints the script to stdout. */
export async function run({ words, commands }: Invocation): Promise<number> {
  const program = commandLine('completion', 'Prints the script that completes k8s-run in a shell.')
    .usage(`[${operands.join('|')}]`)
    .argument('[shell]', operands.join(', '))
    .argument('[words...]', 'kubectl: the words to complete, the last one as far as it is typed')
    .addHelpText('after', sentences(EXAMPLES));
  const read = readWords(program, words);
  if (typeof read === 'number') return read;
  const [shell = '', ...rest] = read.args;
  if (shell === KUBECTL) {
    print(rest.length === 0 ? KUBECTL_SCRIPT : kubectlAnswer(await grammarOf(commands), rest));
    return 0;
  }
  const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
  if (script === undefined) {
    const cause = shell === '' ? 'no shell given' : `${JSON.stringify(shell)} is not supported`;
    return refuse(`cannot print a completion script: ${cause}; write one of ${operands.join(', ')}`);
  }
  if (rest.length > 0) return refuse(`${JSON.stringify(rest[0])} is one word too many; a script takes none`);
  print(script(await grammarOf(commands)));
  return 0;
}

function refuse(mistake: string): number {
  print(`k8s-run completion: ${mistake}\n${helpHint('completion')}\n`, STDERR);
  return EXIT_USAGE;
}
