import { spawn } from 'node:child_process';
import { PROCESSES } from '../linux/procfs.ts';

/**
 * Ends what was started should this process be killed with SIGKILL, where nothing of ours runs any more: a shell that reads the
 * numbers of process groups from us, and when our end of its pipe is closed without a word kills those it knows of, and
 * whatever descends from them or is in their sessions.
 */
export type KillGuard = {
  /** 0 where there is none. */
  readonly pid: number;
  /** From now on these groups, and no others. */
  readonly watch: (groups: readonly number[]) => void;
  /** It ends, and nobody with it. */
  readonly dismiss: () => void;
};

/**
 * All are stopped before any is killed, so that none starts another meanwhile, or is taken from its parent. proc_pid_stat(5): the name
 * stands in parentheses, and may hold some; after the last one come state, parent, group and session. Where /proc is missing, or has
 * the numbers of another namespace, the groups must do.
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

/** Where there is no shell nobody guards. */
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
