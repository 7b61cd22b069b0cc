import { type Flag, type Grammar, quoted } from './grammar.ts';

/**
 * Completion for bash 3.2 and later. The package bash-completion is optional; where it is installed, it completes the app's
 * command line. The words are read from COMP_LINE, because bash splits its own words at `:` and `=` (COMP_WORDBREAKS).
 */
export function bashScript({ flags, commands }: Grammar): string {
  const own = commands.map(({ name, flags: ownFlags }) => `    ${name}) _k8s_run_flags=${words(ownFlags)} ;;`);
  const operandCases = commands.map(
    ({ name, operands }) =>
      `    ${name}) _k8s_run_operands=${quoted(typeof operands === 'string' ? operands : operands.join(' '))} ;;`,
  );
  const values = [
    ...new Map(commands.flatMap((each) => each.flags.map((flag) => [`${each.name}:${flag.name}`, flag] as const))),
  ];
  const differing = values.filter(
    ([, flag]) => !flags.some(({ name, values }) => name === flag.name && String(values) === String(flag.values)),
  );
  return `# bash completion for k8s-run, printed by \`k8s-run completion bash\`. To try it: source <(k8s-run completion bash)
_k8s_run_values_of() { # mode, option: sets _k8s_run_value to the values of the option; fails if it has no value
  case $1:$2 in
${differing.map(([key, flag]) => valueCase(key, flag)).join('\n')}
${flags.map((flag) => valueCase(`*:${flag.name}`, flag)).join('\n')}
    *) return 1 ;;
  esac
}

_k8s_run_mode() { # mode: sets _k8s_run_flags and _k8s_run_operands
  _k8s_run_flags=${words(flags)}
  _k8s_run_operands=app
  case $1 in
${own.join('\n')}
  esac
  case $1 in
${operandCases.join('\n')}
  esac
}

_k8s_run() {
  local line=\${COMP_LINE:0:COMP_POINT} IFS=$' \\t\\n'
  local mode=main first=1 expects= app= index word current
  local _k8s_run_value _k8s_run_flags _k8s_run_operands
  local -a typed
  read -r -a typed <<<"$line"
  [[ $line == *[[:space:]] ]] && typed+=('')
  local last=$((\${#typed[@]} - 1))
  current=\${typed[last]}
  COMPREPLY=()
  if ((last > 1)); then
    case \${typed[1]} in
      ${commands.map(({ name }) => name).join(' | ')}) mode=\${typed[1]} first=2 ;;
    esac
  fi
  _k8s_run_mode "$mode"
  for ((index = first; index < last; index++)); do
    word=\${typed[index]}
    if [[ -n $expects ]]; then
      expects=
    elif [[ $word == -- ]]; then
      app=$((index + 1))
      break
    elif [[ $word == -* ]]; then
      [[ $word != *=* ]] && _k8s_run_values_of "$mode" "$word" && expects=$word
    elif [[ $_k8s_run_operands == app ]]; then
      app=$index
      break
    fi
  done
  if [[ -n $app && $_k8s_run_operands == app ]]; then
    if ((last > app)) && declare -F _command_offset >/dev/null; then
      _command_offset "$app"
    elif ((last > app)); then
      compopt -o default 2>/dev/null
    else
      COMPREPLY=($(compgen -c -- "$current"))
    fi
    return
  fi
  local prefix=
  if [[ -z $expects && -z $app && $current == --*=* ]]; then
    expects=\${current%%=*} prefix=\${current%%=*}= current=\${current#*=}
    _k8s_run_values_of "$mode" "$expects" || return
  fi
  if [[ -n $expects ]]; then
    _k8s_run_values_of "$mode" "$expects"
    _k8s_run_offer "$_k8s_run_value"
  elif [[ $current == -* && -z $app ]]; then
    COMPREPLY=($(compgen -W "$_k8s_run_flags" -- "$current"))
  elif [[ $mode == main ]]; then
    COMPREPLY=($(compgen -c -- "$current"))
    ((last == 1)) && COMPREPLY=($(compgen -W ${words(commands)} -- "$current") "\${COMPREPLY[@]}")
  elif [[ $_k8s_run_operands == app ]]; then
    COMPREPLY=($(compgen -c -- "$current"))
  else
    _k8s_run_offer "$_k8s_run_operands"
  fi
}

_k8s_run_offer() { # files, folders, or a list of words; reads current and prefix
  case $1 in
    files) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current")) ;;
    folders) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$current")) ;;
    *)
      COMPREPLY=($(compgen -W "$1" -- "$current"))
      # The beginning of a value is completed without a space after it.
      [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == *[:/] ]] && compopt -o nospace 2>/dev/null
      ;;
  esac
  # bash replaces only the text after the final word break.
  local whole=$prefix$current head=
  [[ $whole == *:* && $COMP_WORDBREAKS == *:* ]] && head=\${whole%"\${whole##*:}"}
  [[ -z $head && $whole == *=* && $COMP_WORDBREAKS == *=* ]] && head=\${whole%"\${whole##*=}"}
  local index
  for index in "\${!COMPREPLY[@]}"; do
    COMPREPLY[index]=$prefix\${COMPREPLY[index]}
    COMPREPLY[index]=\${COMPREPLY[index]#"$head"}
  done
}

complete -F _k8s_run k8s-run
`;
}

function words(list: readonly { readonly name: string }[]): string {
  return quoted(list.map(({ name }) => name).join(' '));
}

function valueCase(key: string, { values }: Flag): string {
  // In a pattern of case, * before the colon matches every command.
  const pattern = key.startsWith('*') ? `*:${quoted(key.slice(2))}` : quoted(key);
  if (values === null) return `    ${pattern}) return 1 ;;`;
  return `    ${pattern}) _k8s_run_value=${quoted(typeof values === 'string' ? values : values.join(' '))} ;;`;
}
