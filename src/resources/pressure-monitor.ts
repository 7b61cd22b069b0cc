import type { Clock } from '../clock.ts';
import { runInside } from '../fault-domain.ts';
import type { Standing } from '../lifecycle/state.ts';
import type { Log } from '../log/log.ts';
import type { CpuLimit, Limits, MemoryLimit } from './limits.ts';
import {
  MAX_INTERVAL,
  type MemorySample,
  nextInterval,
  type Pressure,
  pressureAfter,
  throttledShare,
} from './pressure.ts';
import type { LimitReader } from './read-limits.ts';
import { followLimits, type ResizeFacts, resizeFacts, resizeText } from './resize.ts';
import { type CgroupUsage, type Throttling, workingSet } from './usage.ts';

/**
 * Warns when memory is near its limit, and when a CPU limit makes probes time out. Where the kernel kills the whole container
 * at once (Kubernetes 1.28 and later), k8s-run cannot log anything at the end, so these warnings are the only trace. Each look
 * begins with the limits, which an in-place resize changes.
 */
export type PressureMonitor = {
  readonly probed: (standing: Standing) => void;
  /** The limits at the last look. */
  readonly limits: () => Limits;
  /** The app was started (again): another process may fill the memory, so it is warned of again, and it has the limits of now. */
  readonly startAnew: () => void;
  /** Looks now: at the end the next look would come too late. */
  readonly look: () => void;
};

export type PressureMonitorDeps = {
  readonly usage: CgroupUsage;
  readonly clock: Clock;
  readonly log: Pick<Log, 'write'>;
  readonly program: () => string;
  readonly faulted: (error: Error) => void;
  /** Memory has reached 90 % of its limit, which was said; in words. */
  readonly memoryHigh: (reason: string) => void;
  /** The limits have changed, which was said. */
  readonly resized: (resize: ResizeFacts) => void;
  /** They have settled: the old ones are those when this was last called, or at first. */
  readonly settled: (resize: ResizeFacts) => void;
};

/** Milliseconds between two readings of the CPU throttling, and of memory without a limit. */
const READ_EVERY = MAX_INTERVAL;
/** Milliseconds between two checks of the throttling while a probe times out. */
const CHECK_EVERY = 1_000;
/** Milliseconds between two looks after the limits have changed. */
const SETTLING_EVERY = 1_000;
const MIB = 2 ** 20;

/** Monitors the limits until k8s-run exits. */
export function startPressureMonitor(reader: LimitReader, deps: PressureMonitorDeps): PressureMonitor {
  const { usage, clock, log } = deps;
  let limits = reader.read();
  let pressure: Pressure = 'normal';
  let last: MemorySample | null = null;
  let hasWarnedOfThrottling = false;
  let timeoutReason: string | null = null;
  // Two, because the later one may be too recent for a significant share.
  let readings: readonly (Throttling | null)[] = [usage.throttling(limits.cpu)];
  let readAt = clock.now();

  const followed = followLimits(reader, limits, {
    now: clock.now,
    resized(resize) {
      const facts = resizeFacts(resize);
      const { memoryLimitBytes, oldMemoryLimitBytes, cpuLimitCores, oldCpuLimitCores } = facts;
      log.write('info', 'resized', `The container was resized: ${resizeText(facts)}`, {
        memoryLimitBytes,
        oldMemoryLimitBytes,
        cpuLimitCores,
        oldCpuLimitCores,
      });
      const { before, after } = resize;
      if (before.memory?.bytes !== after.memory?.bytes) {
        // A new limit is warned of again.
        pressure = 'normal';
        last = null;
      }
      if (before.cpu?.processors !== after.cpu?.processors) {
        // Another group may have the limit now, and its counters are others.
        readings = [usage.throttling(after.cpu)];
        readAt = clock.now();
        // Where it was warned of the old limit already, nobody checks any more.
        if (hasWarnedOfThrottling) clock.after(CHECK_EVERY, checkThrottling);
        hasWarnedOfThrottling = false;
      }
      deps.resized(facts);
    },
    settled: (resize) => deps.settled(resizeFacts(resize)),
  });

  /** Reads once; returns the time until the next reading. */
  const read = (): number => {
    limits = followed.look();
    const { cpu, memory } = limits;
    if (cpu !== null && clock.now() - readAt >= READ_EVERY) {
      readings = [readings.at(-1) ?? null, usage.throttling(cpu)];
      readAt = clock.now();
    }
    const longest = followed.isSettling() ? SETTLING_EVERY : READ_EVERY;
    const used = memory === null ? null : workingSet(memory);
    if (memory === null || used === null) return longest;
    const before = pressure;
    pressure = pressureAfter(before, used, memory.bytes);
    if (pressure === 'high' && before === 'normal') warnOfMemory(memory, used);
    const now = { used, at: clock.now() };
    const wait = nextInterval(last, now, memory.bytes);
    last = now;
    return Math.min(wait, longest);
  };

  const warnOfMemory = (limit: MemoryLimit, used: number): void => {
    const share = Math.round((100 * used) / limit.bytes);
    const end = limit.source.endsWith('memory.high')
      ? 'above that the kernel slows the container down'
      : `at the limit the kernel kills ${usage.killedAsOne() ? 'the whole container, k8s-run included' : 'a process of it'}`;
    const reason = `memory is at ${share} % of its limit, ${mebibytes(used)} of ${mebibytes(limit.bytes)}`;
    log.write('warn', 'warning', `M${reason.slice(1)}; ${end}`, {
      reason: 'memory',
      memoryBytes: used,
      memoryLimitBytes: limit.bytes,
    });
    deps.memoryHigh(reason);
  };

  const warnOfThrottling = (limit: CpuLimit, reason: string): void => {
    const now = usage.throttling(limit);
    const before = readings[0] ?? null;
    const share = now === null || before === null ? null : throttledShare(before, now);
    if (share === null) return;
    hasWarnedOfThrottling = true;
    const percent = Math.round(100 * share);
    const msg = `A probe of ${deps.program()} timed out (${reason}) while the CPU limit (${limit.processors}) throttled the container in ${percent} % of its periods`;
    log.write('warn', 'warning', msg, {
      reason: 'throttling',
      throttledPercent: percent,
      processors: limit.processors,
    });
  };

  const contained = (work: () => void): void => {
    try {
      runInside('resources', work);
    } catch (error) {
      deps.faulted(error as Error);
    }
  };

  const readAgain = (delay: number): void =>
    void clock.after(delay, () => {
      let next = READ_EVERY;
      contained(() => {
        next = read();
      });
      readAgain(next);
    });
  // At once, because the container may be near its limit already.
  contained(() => readAgain(read()));

  /**
   * Repeated, because the standing of a probe that goes on timing out does not change, and the share may not be significant
   * yet.
   */
  const checkThrottling = (): void => {
    const { cpu } = limits;
    if (cpu === null || timeoutReason === null || hasWarnedOfThrottling) return;
    contained(() => warnOfThrottling(cpu, timeoutReason ?? ''));
    if (!hasWarnedOfThrottling) clock.after(CHECK_EVERY, checkThrottling);
  };

  return {
    limits: () => limits,
    startAnew() {
      followed.appStarted();
      pressure = 'normal';
      last = null;
    },
    look: () =>
      contained(() => {
        limits = followed.look();
      }),
    probed(standing) {
      const timedOutBefore = timeoutReason !== null;
      timeoutReason = standing.kind !== 'passing' && standing.cause === 'timeout' ? standing.reason : null;
      if (standing.kind === 'passing') hasWarnedOfThrottling = false;
      if (!timedOutBefore) checkThrottling();
    },
  };
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}
