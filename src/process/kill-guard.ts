import { spawn } from 'node:child_process';
import { PROCESSES } from '../linux/procfs.ts';

/**
 * Kills the processes that were started when this process itself is killed with SIGKILL. It is a shell that reads process
 * groups from a pipe. When the pipe is closed without `done`, it kills the last groups that it read, their descendants and
 * their sessions.
 */
export type KillGuard = {
  /** 0: no shell could be started. */
  readonly pid: number;
  /** Replaces the groups to kill. */
  readonly watch: (groups: readonly number[]) => void;
  /** Ends the guard; it kills nothing. */
  readonly dismiss: () => void;
};

/**
 * All processes are stopped before any is killed, so that none can fork meanwhile, and none is reparented before it is found.
 * In /proc/pid/stat the name is in parentheses and may contain some; after the last one come state, parent, group and session
 * (proc_pid_stat(5)). Without /proc, or with one of another PID namespace, only the groups are killed.
 */
const SCRIPT = `
groups=
while read -r line; do
  case $line in done) exit 0;; *) groups=$line;; esac
done
exec 2>/dev/null
[ -n "$groups" ] || exit 0
for group in $groups; do kill -s STOP -- "-$group" "$group"; done
family=" $groups "
read -r self rest < "$1/self/stat"
[ "$self" = $$ ] && grown=yes || grown=no
while [ "$grown" = yes ]; do
  grown=no
  set +f
  for stat in "$1"/[0-9]*/stat; do
    pid=\${stat%/stat} pid=\${pid##*/}
    case $family in *" $pid "*) continue;; esac
    { read -r fields < "$stat"; } || continue
    set -f
    set -- "$1" \${fields##*) }
    [ "$5" -gt 0 ] || continue
    case $family in *" $3 "*|*" $5 "*) kill -s STOP "$pid"; family="$family$pid "; grown=yes;; esac
  done
done
for group in $groups; do kill -s KILL -- "-$group"; done
for pid in $family; do kill -s KILL "$pid"; done`;

/** Without /bin/sh there is no guard. */
export function startKillGuard(): KillGuard {
  const words = ['-c', SCRIPT, 'sh', PROCESSES];
  const child = spawn('/bin/sh', words, { stdio: ['pipe', 'ignore', 'ignore'], detached: true, env: {} });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  return {
    pid: child.pid ?? 0,
    watch: (groups) => void child.stdin.write(`${groups.join(' ')}\n`),
    dismiss: () => void child.stdin.end('done\n'),
  };
}
