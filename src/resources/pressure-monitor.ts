import type { Clock } from '../clock.ts';
import { runInside } from '../fault-domain.ts';
import type { Standing } from '../lifecycle/state.ts';
import type { Log } from '../log/log.ts';
import type { CpuLimit, Limits, MemoryLimit } from './limits.ts';
import { type MemorySample, nextLook, type Pressure, pressureAfter, throttledShare } from './pressure.ts';
import { type CgroupUsage, type Throttling, workingSet } from './usage.ts';

/**
 * The warnings before the end: memory near its limit, and a quota of processor time that makes probes late. When the kernel
 * kills the whole container at once (Kubernetes 1.28 and later), they are all that is left to read.
 */
export type PressureMonitor = { readonly probed: (standing: Standing) => void };

export type PressureMonitorDeps = {
  readonly usage: CgroupUsage;
  readonly clock: Clock;
  readonly log: Pick<Log, 'write'>;
  readonly program: string;
  readonly faulted: (error: Error) => void;
};

/** Milliseconds between two looks at the processor's time alone. */
const LOOK_EVERY = 10_000;
/** While a probe is late. */
const CHECK_EVERY = 1_000;
const MIB = 2 ** 20;

/** Looks at what is limited, for as long as k8s-run lives. */
export function startPressureMonitor({ cpu, memory }: Limits, tools: PressureMonitorDeps): PressureMonitor {
  const { usage, clock, log } = tools;
  let pressure: Pressure = 'eased';
  let last: MemorySample | null = null;
  let toldOfThrottling = false;
  let late: string | null = null;
  // The last two readings: the later one may be too fresh to tell anything.
  let readings: readonly (Throttling | null)[] = [usage.throttling(cpu)];
  let readAt = clock.now();

  /** Returns the time until the next look. */
  const look = (): number => {
    if (cpu !== null && clock.now() - readAt >= LOOK_EVERY) {
      readings = [readings.at(-1) ?? null, usage.throttling(cpu)];
      readAt = clock.now();
    }
    const used = memory === null ? null : workingSet(memory);
    if (memory === null || used === null) return LOOK_EVERY;
    const before = pressure;
    pressure = pressureAfter(before, used, memory.bytes);
    if (pressure === 'pressed' && before === 'eased') warnOfMemory(memory, used);
    const now = { used, at: clock.now() };
    const wait = nextLook(last, now, memory.bytes);
    last = now;
    return wait;
  };

  const warnOfMemory = (limit: MemoryLimit, used: number): void => {
    const share = Math.round((100 * used) / limit.bytes);
    const end = limit.source.endsWith('memory.high')
      ? 'above that the kernel slows all of it down'
      : `at the limit the kernel kills ${usage.killedAsOne() ? 'all of it, k8s-run too' : 'what it chooses'}`;
    const msg = `Memory is at ${share} % of its limit, ${mebibytes(used)} of ${mebibytes(limit.bytes)}; ${end}`;
    log.write('warn', 'warning', msg, { reason: 'memory', memoryBytes: used, memoryLimitBytes: limit.bytes });
  };

  const warnOfThrottling = (limit: CpuLimit, reason: string): void => {
    const now = usage.throttling(limit);
    const before = readings[0] ?? null;
    const share = now === null || before === null ? null : throttledShare(before, now);
    if (share === null) return;
    toldOfThrottling = true;
    const percent = Math.round(100 * share);
    const msg = `A probe of ${tools.program} had ${reason}, and the limit of ${limit.processors} processors held the container up in ${percent} % of its time; probes are late because of it`;
    log.write('warn', 'warning', msg, {
      reason: 'throttling',
      throttledPercent: percent,
      processors: limit.processors,
    });
  };

  const contained = (work: () => void): void => {
    try {
      runInside('container', work);
    } catch (error) {
      tools.faulted(error as Error);
    }
  };

  const again = (delay: number): void =>
    void clock.after(delay, () => {
      let next = LOOK_EVERY;
      contained(() => {
        next = look();
      });
      again(next);
    });
  // At once: what a container has used up before is no news to wait for.
  contained(() => again(look()));

  /** A probe that is late stays so without a word, and the counters may not tell enough yet. */
  const checkThrottling = (): void => {
    if (cpu === null || late === null || toldOfThrottling) return;
    contained(() => warnOfThrottling(cpu, late ?? ''));
    if (!toldOfThrottling) clock.after(CHECK_EVERY, checkThrottling);
  };

  return {
    probed(standing) {
      const wasLate = late !== null;
      late = standing.kind !== 'passing' && standing.cause === 'timeout' ? standing.reason : null;
      if (standing.kind === 'passing') toldOfThrottling = false;
      if (!wasLate) checkThrottling();
    },
  };
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}
