import type { Exit } from '../lifecycle/state.ts';
import { exitOf, spawnFailure } from './exit-code.ts';

/** How a short command of k8s-run's own ended. */
export type CommandEnd =
  | { readonly kind: 'ended'; readonly exit: Exit }
  | { readonly kind: 'not started'; readonly reason: string };

/** The process ids of such commands that are under way, so that nobody takes them for the app's. */
const underWay = new Set<number>();
export const helpers: ReadonlySet<number> = underWay;

/**
 * Runs a command in a session of its own, in the app's environment, with nothing on its stdin and its output unread. When `cancelled` fires, all of
 * its group is killed. Never rejects.
 */
export async function runCommand(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  cancelled: AbortSignal,
): Promise<CommandEnd> {
  const { execa } = await import('execa');
  const [program = '', ...args] = words;
  const child = execa(program, args, {
    stdio: 'ignore',
    env: environment,
    extendEnv: false,
    detached: true,
    reject: false,
    cleanup: false,
    forceKillAfterDelay: false,
    buffer: false,
  });
  const { pid } = child;
  const kill = (): void => {
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // The whole group is gone already.
    }
  };
  if (pid !== undefined) underWay.add(pid);
  if (cancelled.aborted) kill();
  else cancelled.addEventListener('abort', kill, { once: true });
  const result = await child;
  if (pid !== undefined) underWay.delete(pid);
  cancelled.removeEventListener('abort', kill);
  if (pid === undefined)
    return { kind: 'not started', reason: spawnFailure(result.cause as NodeJS.ErrnoException).detail };
  return {
    kind: 'ended',
    exit: exitOf(result.exitCode ?? null, (result.signal as NodeJS.Signals | undefined) ?? null),
  };
}
