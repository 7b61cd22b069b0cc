import type { Milliseconds } from '../lifecycle/state.ts';
import { readText } from '../linux/cgroup.ts';
import type { Limits } from './limits.ts';
import type { LimitReader } from './read-limits.ts';

/** A change of the container's limits while it runs: an in-place resize of its pod, or `docker update`. */
export type Resize = { readonly before: Limits; readonly after: Limits };

/** Bytes, and processors; null: no limit. The fields of the log, of /statusz and of the events socket. */
export type ResizeFacts = {
  readonly memoryLimitBytes: number | null;
  readonly oldMemoryLimitBytes: number | null;
  readonly cpuLimitCores: number | null;
  readonly oldCpuLimitCores: number | null;
};

/** The limits as they are, with what is called when they change. */
export type FollowedLimits = {
  /** Reads the limits, and calls back. */
  readonly look: () => Limits;
  /** Whether they have changed so lately that they may change again: look again soon. */
  readonly isSettling: () => boolean;
  /** The app was started, with the limits of the last look: a change before that need not settle any more. */
  readonly appStarted: () => void;
};

export type LimitFollowers = {
  readonly now: () => Milliseconds;
  /** A look has found other limits than the one before. */
  readonly resized: (resize: Resize) => void;
  /** They are not as they were when this was last called, or at first, and have not changed for SETTLED_AFTER. */
  readonly settled: (resize: Resize) => void;
};

/** Milliseconds. The kubelet writes memory and CPU one after the other, and a controller may correct itself. */
export const SETTLED_AFTER = 2_000;
const MIB = 2 ** 20;

/**
 * Follows the limits from `first` on. Limits that cannot be read for once (no file descriptor is left, or a file has an unexpected
 * content) stay as they were, because a missing limit would be one that was lifted.
 */
export function followLimits(
  reader: Pick<LimitReader, 'read'>,
  first: Limits,
  { now, resized, settled }: LimitFollowers,
): FollowedLimits {
  let current = first;
  let acted = first;
  let changedAt: Milliseconds | null = null;
  return {
    look() {
      const before = current;
      const read = reader.read();
      if (
        read.problems.length > before.problems.length ||
        isLost(before.cpu, read.cpu) ||
        isLost(before.memory, read.memory)
      )
        return before;
      current = read;
      if (isResize(before, read)) {
        changedAt = now();
        resized({ before, after: read });
      } else if (changedAt !== null && now() - changedAt >= SETTLED_AFTER) {
        changedAt = null;
        const last = acted;
        acted = read;
        if (isResize(last, read)) settled({ before: last, after: read });
      }
      return current;
    },
    isSettling: () => changedAt !== null,
    appStarted() {
      acted = current;
      changedAt = null;
    },
  };
}

/** Whether a limit is gone only because its file cannot be read. */
function isLost(before: Limits['cpu' | 'memory'], after: Limits['cpu' | 'memory']): boolean {
  return before !== null && after?.source !== before.source && readText(before.source) === null;
}

/**
 * Whether a limit of the control groups has changed. A cpuset alone is no limit of the container: the CPU manager of the kubelet changes
 * those of all containers of a node when it gives one of them processors of its own.
 */
export function isResize(before: Limits, after: Limits): boolean {
  const hasOtherQuota = (before.cpu?.quota ?? null) !== (after.cpu?.quota ?? null);
  return (
    (hasOtherQuota && before.cpu?.processors !== after.cpu?.processors) || before.memory?.bytes !== after.memory?.bytes
  );
}

export function resizeFacts({ before, after }: Resize): ResizeFacts {
  return {
    memoryLimitBytes: after.memory?.bytes ?? null,
    oldMemoryLimitBytes: before.memory?.bytes ?? null,
    cpuLimitCores: after.cpu?.processors ?? null,
    oldCpuLimitCores: before.cpu?.processors ?? null,
  };
}

/** `memory from 300 MiB to 200 MiB, CPU from 1.5 to 0.5`: what has changed. */
export function resizeText(facts: ResizeFacts): string {
  const parts = [
    { what: 'memory', from: facts.oldMemoryLimitBytes, to: facts.memoryLimitBytes, unit: MIB, name: ' MiB' },
    { what: 'CPU', from: facts.oldCpuLimitCores, to: facts.cpuLimitCores, unit: 1, name: '' },
  ];
  const shown = (value: number | null, unit: number, name: string): string =>
    value === null ? 'no limit' : `${Math.round((100 * value) / unit) / 100}${name}`;
  return parts
    .filter(({ from, to }) => from !== to)
    .map(({ what, from, to, unit, name }) => `${what} from ${shown(from, unit, name)} to ${shown(to, unit, name)}`)
    .join(', ');
}
