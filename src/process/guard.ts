import { spawn } from 'node:child_process';

/**
 * Ends what was started should this process be killed with SIGKILL, where nothing of ours runs any more: a shell that reads the
 * numbers of process groups from us, and when our end of its pipe is closed without a word kills those it knows of.
 */
export type Guard = {
  /** 0 where there is none. */
  readonly pid: number;
  /** From now on these groups, and no others. */
  readonly over: (groups: readonly number[]) => void;
  /** It ends, and nobody with it. */
  readonly dismiss: () => void;
};

const SCRIPT =
  'groups=; while read -r line; do case $line in done) exit 0;; *) groups=$line;; esac; done; ' +
  'for group in $groups; do kill -s KILL -- "-$group" "$group"; done 2>/dev/null';

/** Where there is no shell nobody guards. */
export function openGuard(): Guard {
  const child = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, env: {} });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  return {
    pid: child.pid ?? 0,
    over: (groups) => void child.stdin.write(`${groups.join(' ')}\n`),
    dismiss: () => void child.stdin.end('done\n'),
  };
}
