import type { Probe } from './answer.ts';

/** Runs a command and tells how it ended, as process/run-command.ts does. When `cancelled` fires the command is killed. */
export type CommandRunner = (
  words: readonly string[],
  cancelled: AbortSignal,
) => Promise<
  | { readonly kind: 'ended'; readonly exit: { kind: 'code'; code: number } | { kind: 'signal'; signal: number } }
  | { readonly kind: 'not started'; readonly reason: string }
>;

/** Passes when the command exits with 0. A command that cannot be started is an error of the prober, as it is for the kubelet. */
export function execProbe(command: readonly string[], run: CommandRunner): Probe {
  return async (cancelled) => {
    const end = await run(command, cancelled);
    if (end.kind === 'not started') return { kind: 'broken', reason: `cannot run ${command[0]}: ${end.reason}` };
    if (end.exit.kind === 'signal')
      return { kind: 'failed', reason: `${command[0]} was ended by signal ${end.exit.signal}` };
    if (end.exit.code === 0) return { kind: 'passed' };
    return { kind: 'failed', reason: `${command[0]} exited with ${end.exit.code}` };
  };
}
