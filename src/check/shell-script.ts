export const SHELL: RegExp = /(^|\/)(sh|bash|ash|dash|zsh|busybox)$/;

/** The script of a command line `sh -c '…'`; null for another command line. */
export function shellScriptOf(words: readonly string[]): string | null {
  const [program = '', ...rest] = words;
  if (!SHELL.test(program)) return null;
  const flag = rest.findIndex((word) => /^-[a-z]*c$/.test(word));
  return flag < 0 ? null : (rest[flag + 1] ?? null);
}

/** Whether the script replaces the shell by the app (`exec`), or handles signals itself (`trap`). */
export function handlesSignals(script: string): boolean {
  if (/(^|[;&|\s])trap\s/.test(script)) return true;
  return /(^|[;&|\n]|\b(?:then|else|do)\s)\s*exec\s+[^\s<>&](?:[^;&|\n]|[<>]&|\\\n)*$/.test(script.trimEnd());
}

/** Commands of the shell: after `exec` the shell would look for a program of this name, or the script would end differently. */
const BUILTIN =
  /^(?:[.:[!]|\[\[|alias|bg|break|builtin|cd|command|continue|declare|eval|exec|exit|export|false|fg|getopts|hash|jobs|kill|let|local|popd|pushd|read|readonly|return|set|shift|shopt|source|test|time|times|trap|true|type|typeset|ulimit|umask|unalias|unset|wait)$/;
/** Commands that only prepare the app, which comes after them; any other command may be the app itself. */
const PREPARATION = /^(?:(?:cd|export|ulimit|umask|set)(?:\s|$)|\w+=\S*$)/;

/** The script with `exec` before its last command, if that can only be the app; null where only a shell could tell. */
export function withExec(script: string): string | null {
  if (script.trimEnd() !== script || /["'`(){}<>|#\\$]|(^|[^&])&($|[^&])/.test(script)) return null;
  if (/\b(if|for|while|until|case|do|done|function)\b/.test(script)) return null;
  const commands = script.split(/&&|;|\n/).map((command) => command.trimStart());
  const last = commands.pop() ?? '';
  const [program = ''] = last.split(/\s/);
  if (!/^[\w./-]/.test(last) || program.includes('=') || BUILTIN.test(program)) return null;
  if (!commands.every((command) => command.trim() === '' || PREPARATION.test(command.trim()))) return null;
  return `${script.slice(0, script.length - last.length)}exec ${last}`;
}
