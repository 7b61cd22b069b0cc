import { type ShellName, shellCommandOf } from '../shell-script.ts';
import { BUILTIN, isPreparation, programIn } from './known-commands.ts';
import { parseScript, type Script, type ScriptCommand } from './parse-script.ts';

/** What becomes of a stop signal that the shell of a script gets, and not the processes that it has started. */
export type SignalFate =
  | { readonly kind: 'reaches the app' }
  | {
      readonly kind: 'lost';
      /** Why the shell is still in front of the app. */
      readonly cause: 'command' | 'loop' | 'pipeline' | 'background' | 'trap';
      /** `some shells`: bash and busybox execute the app in their place, and dash does not; `old bash`: bash does so since 5.1. */
      readonly where: 'everywhere' | 'some shells' | 'old bash';
      /** The script only waits, as `sleep infinity` does, so there is nothing to lose. */
      readonly isIdle: boolean;
    };

/** `shells`: which one `sh` may be. */
export function fateOfSignals(text: string, shells: readonly ShellName[]): SignalFate {
  const script = parseScript(text);
  if (replacesShell(script, shells) || handlesSignals(text, script)) return { kind: 'reaches the app' };
  const ways = shells.map((shell) => executesLast(shell, text, script));
  if (ways.every((way) => way === 'yes')) return { kind: 'reaches the app' };
  const where = ways.every((way) => way === 'no') ? 'everywhere' : ways.includes('no') ? 'some shells' : 'old bash';
  return { kind: 'lost', cause: causeIn(script), where, isIdle: isIdle(script) };
}

/** Whether the last command that runs is `exec` with a program, which takes the place of the shell and gets its signals. */
function replacesShell({ commands }: Script, shells: readonly ShellName[]): boolean {
  // Behind `exec app ||` is what to do where there is no such program.
  const last = commands.findLastIndex(({ before, inside }) => before !== '||' && !inside.includes('brace'));
  return commands.some((command, index) => {
    const isReached = index >= last || (command.inside.length === 0 && !['&&', '||'].includes(command.before));
    return isReached && !isElsewhere(command) && !command.isAwaited && executesApp(command, shells);
  });
}

/** Whether another process than the shell runs it. */
function isElsewhere({ isForked, inside }: ScriptCommand): boolean {
  return isForked || inside.includes('subshell');
}

/** `exec app`; not `exec > file`, and not `exec sh -c 'app'`, where another shell is in front. */
function executesApp({ words }: ScriptCommand, shells: readonly ShellName[]): boolean {
  const [exec, ...rest] = words;
  if (exec?.text !== 'exec' || rest.length === 0) return false;
  // exec -a NAME, exec -c
  const operands = rest.slice(rest.findIndex(({ raw }, at) => !raw.startsWith('-') && rest[at - 1]?.raw !== '-a'));
  const inner = shellCommandOf(operands.map(({ text, raw }) => text ?? raw));
  if (inner === null || operands.some(({ text }) => text === null)) return true;
  return fateOfSignals(inner.script, inner.shell === 'sh' ? shells : [inner.shell]).kind === 'reaches the app';
}

/** Whether a trap for the stop signal runs while the app does: behind `wait`, or between the rounds of a loop. */
function handlesSignals(text: string, { commands, isClear }: Script): boolean {
  const trapped = commands.some(isTrap);
  // What a function or a case does with them is its author's choice.
  if (!isClear) return /(^|[\s;&|(){])(exec\s+[^\s<>&]|trap\s)/.test(text);
  return (
    trapped &&
    commands.some(
      (command) => command.inside.includes('loop') || command.after === '&' || programIn(command) === 'wait',
    )
  );
}

/** `trap 'kill $app' TERM`; not `trap '' TERM` and `trap - TERM`. */
function isTrap({ words }: ScriptCommand): boolean {
  const [trap, action, ...signals] = words.filter(({ raw }) => raw !== '--');
  if (trap?.text !== 'trap' || action === undefined || action.text === '' || action.text === '-') return false;
  // A signal that only a shell could tell may be this one.
  return signals.some(({ text }) => text === null || /^((SIG)?TERM|15)$/i.test(text));
}

/** Whether this shell executes the last command of `-c` in its own place, as if `exec` were before it. Measured with bash 5.2, dash 0.5.12, busybox 1.35, zsh 5.9 and mksh 59. */
function executesLast(shell: ShellName, text: string, { commands, isClear }: Script): 'yes' | 'since 5.1' | 'no' {
  const last = commands.at(-1);
  if (!isClear || last === undefined || last.after === '&' || last.isForked || last.isAwaited) return 'no';
  if (BUILTIN.test(programIn(last) ?? '')) return 'no';
  // The app may be what is before `||`.
  const isInList = last.before !== '||' || commands.slice(0, -1).every(isPreparation);
  const isSimple = last.inside.length === 0 && isInList;
  const traps = commands.some(({ words }) => words[0]?.text === 'trap');
  const end = text.slice(text.trimEnd().length);
  switch (shell) {
    case 'zsh':
      return isInList && !traps && !last.inside.includes('loop') ? 'yes' : 'no';
    case 'busybox':
      if (!isInList || traps || last.inside.includes('loop')) return 'no';
      return !end.includes('\n') && !text.includes('<<') ? 'yes' : 'no';
    case 'bash':
      if (!isSimple || traps || last.isRedirected || /\n\s*\n$/.test(end)) return 'no';
      if (commands.some(({ after }) => after === '&')) return 'no';
      return commands.length === 1 ? 'yes' : 'since 5.1';
    case 'ksh':
      return commands.length === 1 && /^[\w./:=,+@%-]+( [\w./:=,+@%-]+)*$/.test(text) && !last.hasAssignments
        ? 'yes'
        : 'no';
    case 'sh':
    case 'dash':
      return 'no';
  }
}

function causeIn({ commands }: Script): Extract<SignalFate, { kind: 'lost' }>['cause'] {
  const last = commands.at(-1);
  if (commands.some(isTrap)) return 'trap';
  if (last?.inside.includes('loop') === true) return 'loop';
  if (last?.before === '|') return 'pipeline';
  return commands.some(({ after }) => after === '&') ? 'background' : 'command';
}

/** Programs that do nothing which a signal could cut. */
const IDLE =
  /^(?:.*\/)?(sleep|tail|cat|echo|printf|date|true|false|:|test|\[|\[\[|wait|read|trap|hostname|uname|id|set)$/;
const IDLE_PROGRAM = /^(?:.*\/)?(sleep|tail)$/;

/** Whether this command line, or the script of this shell, only waits, as `sleep infinity` does. */
export function isIdleCommand(command: readonly string[], script: string | null): boolean {
  return script === null ? IDLE_PROGRAM.test(command[0] ?? '') : isIdle(parseScript(script));
}

function isIdle({ commands, isClear }: Script): boolean {
  return (
    isClear &&
    commands.length > 0 &&
    commands.every(({ words }) => {
      const program = words[0]?.text ?? words[0]?.raw ?? '';
      // Alone, env only prints; with a program it is in front of it.
      return words.length === 0 || IDLE.test(program) || (program === 'env' && words.length === 1);
    })
  );
}
