import { type CpuLimit, type Limits, type MemoryLimit, roundedDown, roundedUp } from '../resources/limits.ts';

/**
 * Bytes of the limit that are reserved for k8s-run. Its working set is 14 to 17 MiB when it is idle, and 24 MiB at most, while
 * it starts with an HTTP probe.
 */
export const OWN_MEMORY: number = 24 * 2 ** 20;
/** Bytes. With less than this left for the app no heap size makes sense. */
export const LEAST_SHARE: number = 16 * 2 ** 20;

const MIB = 2 ** 20;
/** https://go.dev/doc/gc-guide: leave 5 to 10 % for memory that the Go runtime does not know of. */
const GO_SHARE = 0.9;
/**
 * The share of a managed heap; the rest is for code, stacks, buffers and native libraries. It is the default of .NET in a
 * container, and what Node's documentation of --max-old-space-size advises.
 */
const HEAP_SHARE = 0.75;
/** malloc(3) of glibc has at most this number of arenas per processor, where a pointer has 64 bits (malloc/arena.c). */
const ARENAS_PER_PROCESSOR = 8;
/** libuv's default (docs.libuv.org, threadpool). Its threads wait for files and DNS, so fewer would only make requests wait. */
const LEAST_THREADS = 4;
/** Bytes that a worker process of a web server needs before it serves. Fewer workers are better than killed ones. */
const WORKER_MEMORY = 128 * MIB;

/** The option that sets a variable, by its flag. */
export type SettingOption = 'resource-env' | 'web-concurrency';

/** How one variable of one runtime follows from the limits. */
export type RuntimeRule = {
  readonly name: string;
  readonly runtime: string;
  readonly option: SettingOption;
  /** Other variables that set the same. */
  readonly aliases?: readonly string[];
  readonly dependsOn: readonly ('processors' | 'memory')[];
  /** The rule, for `k8s-run env`. */
  readonly reason: string;
  /** null: without these limits it is not set. */
  readonly value: (limits: Limits) => string | null;
};

/** Bytes of the limit that are left for the app; null: no limit, or less than LEAST_SHARE is left. */
export function shareOf(memory: MemoryLimit | null): number | null {
  const share = memory === null ? 0 : memory.bytes - OWN_MEMORY;
  return share < LEAST_SHARE ? null : share;
}

/** Where a runtime has a rule of its own, it is the same; docs/how-to/limits.md names the sources. */
export const RUNTIME_RULES: readonly RuntimeRule[] = [
  cpu('GOMAXPROCS', 'Go', 'rounded up, at least 2, as in Go 1.25', (limit) =>
    Math.min(Math.max(2, roundedUp(limit)), limit.allowed),
  ),
  memory(
    'GOMEMLIMIT',
    'Go',
    '90 % of the memory left for the app',
    (share) => `${Math.floor((share * GO_SHARE) / MIB)}MiB`,
  ),
  memory(
    'NODE_OPTIONS',
    'Node.js',
    '75 % of the memory left for the app',
    (share) => `--max-old-space-size=${Math.floor((share * HEAP_SHARE) / MIB)}`,
  ),
  cpu('UV_THREADPOOL_SIZE', 'Node.js (libuv)', 'rounded up, at least 4, its default', (limit) =>
    Math.max(LEAST_THREADS, roundedUp(limit)),
  ),
  {
    name: 'JAVA_TOOL_OPTIONS',
    runtime: 'Java',
    option: 'resource-env',
    dependsOn: ['processors', 'memory'],
    reason: 'processors rounded up, as in the JVM; heap 75 % of the memory left for the app',
    value: ({ cpu: processors, memory: limit }) => {
      const share = shareOf(limit);
      const options = [
        ...(processors === null ? [] : [`-XX:ActiveProcessorCount=${roundedUp(processors)}`]),
        ...(limit === null || share === null ? [] : [`-XX:MaxRAMPercentage=${percentOf(share, limit).toFixed(1)}`]),
      ];
      return options.length === 0 ? null : options.join(' ');
    },
  },
  cpu('DOTNET_PROCESSOR_COUNT', '.NET', 'rounded up, as in .NET', roundedUp),
  {
    ...memory(
      'DOTNET_GCHeapHardLimitPercent',
      '.NET',
      '75 % of the memory left for the app, as a hexadecimal percentage of the limit',
      (share, limit) => `0x${Math.floor(percentOf(share, limit)).toString(16).toUpperCase()}`,
    ),
    aliases: ['COMPlus_GCHeapHardLimitPercent', 'DOTNET_GCHeapHardLimit', 'COMPlus_GCHeapHardLimit'],
  },
  cpu('OMP_NUM_THREADS', 'OpenMP', 'rounded down, because its threads wait for the slowest', roundedDown),
  cpu('PYTHON_CPU_COUNT', 'Python 3.13', 'rounded up', roundedUp),
  cpu('RAYON_NUM_THREADS', 'Rust (Rayon)', 'rounded down, as in Rust', roundedDown),
  cpu('TOKIO_WORKER_THREADS', 'Rust (Tokio)', 'rounded down, as in Rust', roundedDown),
  {
    ...cpu(
      'MALLOC_ARENA_MAX',
      'malloc of glibc',
      'rounded up, times 8, as in glibc',
      (limit) => ARENAS_PER_PROCESSOR * roundedUp(limit),
    ),
    aliases: ['GLIBC_TUNABLES'],
  },
  // It decides how many processes an app has: uvicorn.run(app) refuses 2, and 1 makes Puma a cluster. So it must be asked for.
  {
    name: 'WEB_CONCURRENCY',
    runtime: 'gunicorn, uvicorn, Puma',
    option: 'web-concurrency',
    dependsOn: ['processors'],
    reason: 'one process per processor, rounded up, as far as each has 128 MiB',
    value({ cpu: processors, memory: limit }) {
      if (processors === null) return null;
      const most = limit === null ? Number.POSITIVE_INFINITY : Math.floor((shareOf(limit) ?? 0) / WORKER_MEMORY);
      return String(Math.max(1, Math.min(roundedUp(processors), most)));
    },
  },
];

function cpu(name: string, runtime: string, rounding: string, value: (limit: CpuLimit) => number): RuntimeRule {
  return {
    name,
    runtime,
    option: 'resource-env',
    dependsOn: ['processors'],
    reason: `processors ${rounding}`,
    value: (limits) => (limits.cpu === null ? null : String(value(limits.cpu))),
  };
}

function memory(
  name: string,
  runtime: string,
  reason: string,
  value: (share: number, limit: MemoryLimit) => string,
): RuntimeRule {
  return {
    name,
    runtime,
    option: 'resource-env',
    dependsOn: ['memory'],
    reason,
    value({ memory: limit }) {
      const share = shareOf(limit);
      return limit === null || share === null ? null : value(share, limit);
    },
  };
}

/** The runtime takes a percentage of all memory that it sees, k8s-run's share included. */
function percentOf(share: number, limit: MemoryLimit): number {
  return (100 * HEAP_SHARE * share) / limit.visible;
}
