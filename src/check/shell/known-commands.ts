import type { ScriptCommand } from './parse-script.ts';

/** Commands of the shell: after `exec` the shell would look for a program of this name, or the script would end differently. */
export const BUILTIN: RegExp =
  /^(?:[.:[!]|\[\[|alias|bg|break|builtin|cd|chdir|command|continue|declare|echo|enable|eval|exec|exit|export|false|fc|fg|getopts|hash|help|history|jobs|kill|let|local|logout|mapfile|popd|print|printf|pushd|pwd|read|readonly|return|set|shift|shopt|source|suspend|test|time|times|trap|true|type|typeset|ulimit|umask|unalias|unset|wait|whence)$/;
/** Commands that only prepare the app, which comes after them; any other command may be the app itself. */
const PREPARATION =
  /^(?:cd|chgrp|chmod|chown|cp|date|echo|export|false|hostname|id|install|ln|ls|mkdir|mv|printf|pwd|rm|rmdir|set|sleep|test|\[|touch|true|:|ulimit|umask|uname)$/;

/** The name of the program of a command; null where only a shell could tell, or there is none. */
export function programIn({ words }: Pick<ScriptCommand, 'words'>): string | null {
  return words[0]?.text ?? null;
}

/** Whether a command is known to end before the app starts. */
export function isPreparation(command: ScriptCommand): boolean {
  const { words, hasAssignments, isRedirected } = command;
  if (words.length === 0) return hasAssignments;
  // exec 2>&1
  if (words.length === 1 && words[0]?.raw === 'exec') return isRedirected;
  return PREPARATION.test(programIn(command) ?? words[0]?.raw ?? '');
}
