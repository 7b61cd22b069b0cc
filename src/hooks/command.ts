import type { Clock } from '../clock.ts';
import type { Log } from '../log/log.ts';
import type { runWithOutput, SignalCommand } from '../process/run-command.ts';

/** What the commands of hooks need. */
export type CommandDeps = {
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Pick<Log, 'write'>;
  readonly runWithOutput: typeof runWithOutput;
  /** Called for each line of its output, cut to a length for messages. */
  readonly printed?: (line: string) => void;
};

/** `failure`: why the command failed; null: it did not. `last`: the last lines that it printed. */
export type HookCommandEnd = { readonly failure: string | null; readonly last: () => readonly string[] };

/** Lines of its output that are logged. More are read, so that the hook is not blocked, but discarded. */
const MAX_LINES = 200;
/** The last lines of its output, which a failure repeats: enough for an error message. */
const LAST_LINES = 5;
/** Characters of each, so that the last one, which mostly says why, is not cut off behind long ones. */
const LAST_LINE_LENGTH = 400;

/** Runs the command of a hook, and logs what it prints. */
export async function runHookCommand(
  { name, words }: { readonly name: string; readonly words: readonly string[] },
  environment: NodeJS.ProcessEnv,
  { clock, log, runWithOutput: runIt, printed }: CommandDeps,
  started: (signal: SignalCommand) => void,
): Promise<HookCommandEnd> {
  const last: string[] = [];
  let lines = 0;
  const line = (text: string): void => {
    lines += 1;
    const short = text.length <= LAST_LINE_LENGTH ? text : `${text.slice(0, LAST_LINE_LENGTH)}…`;
    last.push(short);
    printed?.(short);
    if (last.length > LAST_LINES) last.shift();
    const facts = { hook: name, output: text };
    if (lines <= MAX_LINES) log.write('info', 'hook', `${name}: ${text}`, facts);
    else if (lines === MAX_LINES + 1)
      log.write('warn', 'hook', `${name} has printed more than ${MAX_LINES} lines; the rest is not logged`, {
        hook: name,
      });
  };
  const end = await runIt(words, environment, { line, after: clock.after }, started);
  return { failure: failureOf(end, words[0] ?? '', last), last: () => last };
}

function failureOf(
  end: Awaited<ReturnType<typeof runWithOutput>>,
  program: string,
  last: readonly string[],
): string | null {
  if (end.kind === 'not started') return `cannot run ${program}: ${end.reason}`;
  const { exit } = end;
  if (exit.kind === 'code' && exit.code === 0) return null;
  const how = exit.kind === 'code' ? `exited with ${exit.code}` : `was ended by signal ${exit.signal}`;
  return `${program} ${how}${last.length === 0 ? '' : `: ${last.join(' / ')}`}`;
}
