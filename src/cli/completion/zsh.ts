import { type Flag, type Grammar, quoted, type Subcommand } from './grammar.ts';

/** Completion for zsh, as the file _k8s-run in a folder of $fpath or through `source <(k8s-run completion zsh)`. */
export function zshScript({ flags, commands }: Grammar): string {
  return `#compdef k8s-run
# Printed by \`k8s-run completion zsh\`.
_k8s-run() {
  local curcontext="$curcontext" state line
  if (( CURRENT > 2 )); then
    case $words[2] in
${commands.map(({ name }) => `      ${name}) shift words; (( CURRENT-- )); _k8s-run-${name}; return ;;`).join('\n')}
    esac
  fi
  _arguments -s -S -A '-*' \\
${argumentLines(flags)} \\
    '(-)1: :_k8s-run-first' '*:: :_normal'
}

_k8s-run-first() {
  local -a subcommands
  subcommands=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join('\n')}
  )
  # After an option or -- the word is a program, even if a command has the same name.
  (( CURRENT == 2 )) && _describe -t subcommands 'k8s-run command' subcommands
  _command_names -e
}

${commands.map(subcommand).join('\n')}
if [[ $funcstack[1] == _k8s-run ]]; then
  _k8s-run "$@"
else
  compdef _k8s-run k8s-run
fi
`;
}

function subcommand({ name, flags, operands }: Subcommand): string {
  const rest =
    operands === 'app'
      ? `'(-)1: :_command_names -e' '*:: :_normal'`
      : operands === 'files'
        ? `'*:manifest:_files'`
        : operands === 'folders'
          ? `'1:folder:_files -/'`
          : operands.length > 0
            ? quoted(`1:operand:(${operands.join(' ')})`)
            : '';
  const stop = operands === 'app' ? " -A '-*'" : '';
  return `_k8s-run-${name}() {
  _arguments -s -S${stop} \\
${argumentLines(flags)}${rest === '' ? '' : ` \\\n    ${rest}`}
}
`;
}

function argumentLines(flags: readonly Flag[]): string {
  return flags.map((flag) => `    ${quoted(argumentSpec(flag))}`).join(' \\\n');
}

function argumentSpec({ name, values, placeholder, help }: Flag): string {
  const text = `*${name}${values === null ? '' : '='}[${escaped(help)}]`;
  if (values === null) return text;
  const action =
    values === 'files'
      ? '_files'
      : values === 'folders'
        ? '_files -/'
        : values.length === 0
          ? ' '
          : `(${values.map((word) => word.replaceAll(':', '\\:')).join(' ')})`;
  return `${text}:${escaped(placeholder.replace(/^<|>$/g, ''))}:${action}`;
}

function escaped(text: string): string {
  return text.replace(/[\\:[\]]/g, '\\$&');
}
