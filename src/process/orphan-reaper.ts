import type { ReceivedSignals } from '../boot/signals.ts';
import type { Clock } from '../clock.ts';
import { listProcesses } from '../linux/procfs.ts';
import { signalName } from '../linux/signal-names.ts';
import type { Log } from '../log/log.ts';
import { forgetInheritedChild } from './inherited-children.ts';
import { openWaitidReaper } from './waitid.ts';

/** The care for orphans: what is reaped is said and counted, and where nothing can be, that is said. */
export type OrphanReaper = {
  /** Begins, once; without node:ffi it warns, where that has consequences. */
  readonly start: () => void;
  /** At the very end: whoever has ended is reaped, so that no zombie is handed on to the next init. */
  readonly reapLast: () => void;
  /** For /statusz: how many were reaped, or why none is and how many zombies can be seen. */
  readonly report: () => Readonly<Record<string, unknown>>;
  /** How many were reaped; null where none can be. */
  readonly reaped: () => number | null;
};

type ReapingState = { readonly kind: 'not yet' | 'on' } | { readonly kind: 'off'; readonly reason: string };

export type OrphanReaperDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly signals: ReceivedSignals;
  /** Whether libuv waits for this process. */
  readonly isOurs: (pid: number) => boolean;
};

export function createOrphanReaper({ clock, log, signals, isOurs }: OrphanReaperDeps): OrphanReaper {
  let care: ReapingState = { kind: 'not yet' };
  let reaped = 0;
  let reap = (): void => {};
  return {
    start() {
      if (care.kind !== 'not yet' || process.platform !== 'linux') return;
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
        care = { kind: 'off', reason: reaper.missing };
        // Elsewhere the machine's own init reaps them.
        if (process.pid === 1) log.write('warn', 'warning', cannotReapText(reaper.missing), { reason: reaper.missing });
        return;
      }
      care = { kind: 'on' };
      reap = reaper.reap;
      signals.onChildExit(reap);
      reap();
    },
    reapLast: () => reap(),
    reaped: () => (care.kind === 'off' ? null : reaped),
    report() {
      if (care.kind !== 'off') return { reaped };
      const zombies = listProcesses().filter(({ parent, state }) => parent === process.pid && state === 'Z').length;
      return { notReapedBecause: care.reason, zombies };
    },
  };
}

function cannotReapText(reason: string): string {
  return `orphans will stay as zombies, for ${reason}; use Node 26.1 or newer, put tini in front (docker run --init), or set shareProcessNamespace in the pod`;
}
