import { type ShellName, shellCommandOf } from '../shell-script.ts';
import { BUILTIN, isPreparation, programIn } from './known-commands.ts';
import { parseScript, type ScriptCommand } from './parse-script.ts';
import { fateOfSignals } from './signal-fate.ts';

export type ExecOptions = {
  /** The shell reads files before the script, which may define a function of the app's name. */
  readonly readsProfile: boolean;
  readonly shells: readonly ShellName[];
};

/** The script with `exec` before its last command, if that can only be the app; null where only a shell could tell. */
export function withExec(script: string, { readsProfile, shells }: ExecOptions): string | null {
  const { commands, isClear } = parseScript(script);
  const app = commands.at(-1);
  const [first] = app?.words ?? [];
  if (!isClear || app === undefined || first === undefined || app.hasAssignments) return null;
  if (!commands.every(isPlain) || app.before === '||') return null;
  if (!commands.slice(0, -1).every(isPreparation)) return null;
  const program = programIn(app);
  if (program === null || first.raw !== program || !/^[\w./][\w./+-]*$/.test(program)) return null;
  if (BUILTIN.test(program) || (readsProfile && !program.includes('/'))) return null;
  const corrected = `${script.slice(0, first.start)}exec ${script.slice(first.start)}`;
  // In front of `sh -c 'app'` or of another command that waits, it would be of no use.
  const fate = fateOfSignals(corrected, shells);
  return fate.kind === 'reaches the app' && !isIdleProgram(program) && !isShellWith(app) ? corrected : null;
}

/** A command of a list that runs its commands one after the other. */
function isPlain({ inside, isForked, isAwaited, before, after }: ScriptCommand): boolean {
  return inside.length === 0 && !isForked && !isAwaited && before !== '||' && after !== '||';
}

/** As PID 1 these ignore SIGTERM like the shell. */
function isIdleProgram(program: string): boolean {
  return /(^|\/)(sleep|tail|cat)$/.test(program);
}

/** A script that only a shell could tell, behind another shell. */
function isShellWith({ words }: ScriptCommand): boolean {
  return words.some(({ text }) => text === null) && shellCommandOf(words.map(({ text, raw }) => text ?? raw)) !== null;
}
