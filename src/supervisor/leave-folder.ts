import { isAbsolute } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Hook, PostMortemAction } from '../config/hook.ts';

type Needs = Pick<
  Config,
  | 'ready'
  | 'live'
  | 'startup'
  | 'checks'
  | 'preStop'
  | 'postExit'
  | 'onChange'
  | 'onResize'
  | 'onUnlive'
  | 'beforeKill'
  | 'onMemory'
  | 'restart'
  | 'watch'
  | 'terminationLog'
>;

/**
 * Goes to `/`, so that k8s-run does not keep the file system of its working directory busy for its whole life. The app has started and
 * has the directory by itself.
 */
export function leaveFolder(config: Needs): void {
  if (needsFolder(config)) return;
  try {
    process.chdir('/');
  } catch {
    // It may not be entered; then everything is as before.
  }
}

/**
 * Whether anything after the app's start is relative to the working directory: the app again, a command, which gets it too, or a
 * path. By its path alone it could not be found again where it was deleted, moved, or may not be reached.
 */
export function needsFolder(config: Needs): boolean {
  const { ready, live, startup, checks, preStop, postExit, onChange, onResize, restart, watch, terminationLog } =
    config;
  const { onUnlive, beforeKill, onMemory } = config;
  const probes = [ready, live, startup, ...checks.map(({ probe }) => probe)];
  const hooks = [
    preStop,
    postExit,
    onUnlive,
    beforeKill,
    onMemory,
    ...[onChange, onResize].map((action) => (action?.kind === 'exec' ? action.hook : null)),
  ];
  const paths = [...watch, ...(terminationLog === null || terminationLog === 'off' ? [] : [terminationLog])];
  return (
    restart !== 'never' ||
    (onChange.kind === 'restart' && watch.length > 0) ||
    onResize?.kind === 'restart' ||
    hooks.some(isCommand) ||
    probes.some((probe) => probe?.kind === 'exec') ||
    !paths.every(isAbsolute)
  );
}

const isCommand = (hook: Hook | PostMortemAction | null): boolean => hook?.kind === 'command';
