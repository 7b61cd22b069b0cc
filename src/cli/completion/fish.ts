import type { Flag, Grammar } from './grammar.ts';

/** Completion for fish 3, as the file completions/k8s-run.fish or through `k8s-run completion fish | source`. */
export function fishScript({ flags, commands }: Grammar): string {
  const valued = [
    ...new Set(
      [...flags, ...commands.flatMap((each) => each.flags)]
        .filter(({ values }) => values !== null)
        .map(({ name }) => name),
    ),
  ];
  const apps = commands.filter(({ operands }) => operands === 'app').map(({ name }) => name);
  return `# Printed by \`k8s-run completion fish\`.
# Prints the mode (main, or a command) and, if the app's command line has begun, the index of its first word.
function __k8s_run_state
    set -l words (commandline -opc)
    set -e words[1]
    set -l mode main
    set -l at 2
    if contains -- "$words[1]" ${commands.map(({ name }) => name).join(' ')}
        set mode $words[1]
        set -e words[1]
        set at 3
    end
    set -l expects no
    for word in $words
        if test $expects = yes
            set expects no
        else if test "$word" = --
            echo $mode
            echo (math $at + 1)
            return
        else if string match -q -- '-*' "$word"
            contains -- "$word" ${valued.join(' ')}; and set expects yes
        else if contains -- $mode main ${apps.join(' ')}
            echo $mode
            echo $at
            return
        end
        set at (math $at + 1)
    end
    echo $mode
end

function __k8s_run_in
    set -l state (__k8s_run_state)
    test (count $state) -eq 1; and contains -- $state[1] $argv
end

function __k8s_run_in_app
    set -l state (__k8s_run_state)
    test (count $state) -eq 2; and contains -- $state[1] main ${apps.join(' ')}
end

# Completes the app's command line as fish would without k8s-run.
function __k8s_run_app
    set -l state (__k8s_run_state)
    set -l words (commandline -opc) (commandline -ct)
    set -l rest $words[$state[2]..-1]
    if test (count $rest) -gt 1
        complete -C (string join ' ' -- (string escape -- $rest[1..-2]) $rest[-1])
    else
        __fish_complete_command
    end
end

complete -c k8s-run -e
complete -c k8s-run -f
complete -c k8s-run -n __k8s_run_in_app -a '(__k8s_run_app)'
complete -c k8s-run -n '__k8s_run_in main ${apps.join(' ')}' -a '(__fish_complete_command)'
${commands.map(({ name, summary }) => `complete -c k8s-run -n __fish_is_first_arg -k -a ${name} -d ${fishQuoted(summary)}`).join('\n')}
${flags.map((flag) => line('main', flag)).join('\n')}
${commands.map(({ name, flags: own }) => own.map((flag) => line(name, flag)).join('\n')).join('\n')}
${commands
  .map(({ name, operands }) =>
    operands === 'files'
      ? `complete -c k8s-run -n '__k8s_run_in ${name}' -F`
      : operands === 'folders'
        ? `complete -c k8s-run -n '__k8s_run_in ${name}' -x -a '(__fish_complete_directories)'`
        : operands === 'app' || operands.length === 0
          ? ''
          : `complete -c k8s-run -n '__k8s_run_in ${name}' -a ${fishQuoted(operands.join(' '))}`,
  )
  .filter((each) => each !== '')
  .join('\n')}
`;
}

function line(mode: string, { name, values, help }: Flag): string {
  const value =
    values === null
      ? ''
      : values === 'files'
        ? ' -r -F'
        : values === 'folders'
          ? " -x -a '(__fish_complete_directories)'"
          : values.length === 0
            ? ' -x'
            : ` -x -a ${fishQuoted(values.join(' '))}`;
  return `complete -c k8s-run -n '__k8s_run_in ${mode}' -l ${name.slice(2)}${value} -d ${fishQuoted(help)}`;
}

/** The text in single quotes; fish escapes a quote inside with a backslash. */
function fishQuoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
