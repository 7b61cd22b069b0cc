import type { Probe } from './answer.ts';

/** What process/run-command.ts does; its own words for how a command ended. */
export type CommandRunner = (
  words: readonly string[],
  cancelled: AbortSignal,
) => Promise<
  | { readonly kind: 'ended'; readonly exit: { kind: 'code'; code: number } | { kind: 'signal'; signal: number } }
  | { readonly kind: 'not started'; readonly reason: string }
>;

/** Passes when the command exits 0. A command that cannot be started is the prober's error, as it is the kubelet's. */
export function execProbe(command: readonly string[], run: CommandRunner): Probe {
  return async (cancelled) => {
    const end = await run(command, cancelled);
    if (end.kind === 'not started') return { kind: 'broken', reason: `cannot run ${command[0]}: ${end.reason}` };
    if (end.exit.kind === 'signal')
      return { kind: 'failed', reason: `${command[0]} was ended by signal ${end.exit.signal}` };
    if (end.exit.code === 0) return { kind: 'passed' };
    return { kind: 'failed', reason: `${command[0]} exited ${end.exit.code}` };
  };
}
