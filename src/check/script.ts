export const SHELL: RegExp = /(^|\/)(sh|bash|ash|dash|zsh|busybox)$/;

/** The script of `sh -c '…'`, where it is all that is run. */
export function scriptOf(words: readonly string[]): string | null {
  const [program = '', ...rest] = words;
  if (!SHELL.test(program)) return null;
  const flag = rest.findIndex((word) => /^-[a-z]*c$/.test(word));
  return flag < 0 ? null : (rest[flag + 1] ?? null);
}

/** Whether a shell that runs it gives way to the app, or handles signals itself. */
export function hearsSignals(script: string): boolean {
  if (/(^|[;&|\s])trap\s/.test(script)) return true;
  return /(^|[;&|\n]|\b(?:then|else|do)\s)\s*exec\s+[^\s<>&](?:[^;&|\n]|[<>]&|\\\n)*$/.test(script.trimEnd());
}

/** What only means something inside of the shell: with `exec` in front it would be looked for as a program, or end the script otherwise. */
const BUILTIN =
  /^(?:[.:[!]|\[\[|alias|bg|break|builtin|cd|command|continue|declare|eval|exec|exit|export|false|fg|getopts|hash|jobs|kill|let|local|popd|pushd|read|readonly|return|set|shift|shopt|source|test|time|times|trap|true|type|typeset|ulimit|umask|unalias|unset|wait)$/;
/** Before the app these only prepare it; any other command may be the app. */
const PREPARES = /^(?:(?:cd|export|ulimit|umask|set)(?:\s|$)|\w+=\S*$)/;

/** The script with `exec` before its last command, where that can only be the app; null where a shell is needed to know. */
export function withExec(script: string): string | null {
  if (script.trimEnd() !== script || /["'`(){}<>|#\\$]|(^|[^&])&($|[^&])/.test(script)) return null;
  if (/\b(if|for|while|until|case|do|done|function)\b/.test(script)) return null;
  const commands = script.split(/&&|;|\n/).map((command) => command.trimStart());
  const last = commands.pop() ?? '';
  const [program = ''] = last.split(/\s/);
  if (!/^[\w./-]/.test(last) || program.includes('=') || BUILTIN.test(program)) return null;
  if (!commands.every((command) => command.trim() === '' || PREPARES.test(command.trim()))) return null;
  return `${script.slice(0, script.length - last.length)}exec ${last}`;
}
