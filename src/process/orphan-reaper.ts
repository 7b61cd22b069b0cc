import type { ReceivedSignals } from '../boot/signals.ts';
import type { Clock } from '../clock.ts';
import { listProcesses } from '../linux/procfs.ts';
import { signalName } from '../linux/signal-names.ts';
import type { Log } from '../log/log.ts';
import { forgetInheritedChild } from './inherited-children.ts';
import { openWaitidReaper } from './waitid.ts';

/** Reaps orphans, and logs and counts them. */
export type OrphanReaper = {
  /** Begins, once. As PID 1 without node:ffi it warns, because orphans then stay as zombies. */
  readonly start: () => void;
  /** Called before the exit: reaps once more, so that no zombie is left to the next init. */
  readonly reapLast: () => void;
  /** For /statusz: how many were reaped; or why none can be, and how many zombies there are. */
  readonly report: () => Readonly<Record<string, unknown>>;
  /** How many were reaped; null: none can be. */
  readonly reaped: () => number | null;
};

type ReapingState = { readonly kind: 'not yet' | 'on' } | { readonly kind: 'off'; readonly reason: string };

export type OrphanReaperDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly signals: ReceivedSignals;
  /** Whether this is a process that libuv spawned, and so waits for. */
  readonly isOurs: (pid: number) => boolean;
};

export function createOrphanReaper({ clock, log, signals, isOurs }: OrphanReaperDeps): OrphanReaper {
  let state: ReapingState = { kind: 'not yet' };
  let reaped = 0;
  let reap = (): void => {};
  return {
    start() {
      if (state.kind !== 'not yet' || process.platform !== 'linux') return;
      const reaper = openWaitidReaper({
        isOurs,
        after: clock.after,
        reaped(pid, exit) {
          forgetInheritedChild(pid);
          reaped += 1;
          const facts = exit.kind === 'code' ? { pid, code: exit.code } : { pid, signal: signalName(exit.signal) };
          log.write('debug', 'reaped', `Reaped the orphan ${pid}`, facts);
        },
      });
      if ('missing' in reaper) {
        state = { kind: 'off', reason: reaper.missing };
        // Below another init, that one reaps them.
        if (process.pid === 1) log.write('warn', 'warning', cannotReapText(reaper.missing), { reason: reaper.missing });
        return;
      }
      state = { kind: 'on' };
      reap = reaper.reap;
      signals.onChildExit(reap);
      reap();
    },
    reapLast: () => reap(),
    reaped: () => (state.kind === 'off' ? null : reaped),
    report() {
      if (state.kind !== 'off') return { reaped };
      const zombies = listProcesses().filter((stat) => stat.parent === process.pid && stat.state === 'Z').length;
      return { notReapedBecause: state.reason, zombies };
    },
  };
}

function cannotReapText(reason: string): string {
  return `cannot reap orphans, which stay as zombies: ${reason}; use Node 26.1 or newer, put tini in front (docker run --init), or set shareProcessNamespace in the pod`;
}
