import { type CpuLimit, type Limits, type MemoryLimit, roundedDown, roundedUp } from '../resources/limits.ts';

/**
 * What k8s-run keeps for itself, in bytes. A control group counts 14 to 17 MiB for it once it is idle, and 24 MiB at the
 * most, while it starts with an HTTP probe.
 */
export const OWN_MEMORY: number = 24 * 2 ** 20;
/** With less than this left for the app no share of it makes sense. */
export const LEAST_SHARE: number = 16 * 2 ** 20;

const MIB = 2 ** 20;
/** https://go.dev/doc/gc-guide: leave 5 to 10 % for what the Go runtime does not know of. */
const GO_SHARE = 0.9;
/**
 * A managed heap's part; the rest is code, stacks, buffers and what native libraries take. It is what .NET takes in a
 * container by itself, and what Node's documentation of --max-old-space-size advises.
 */
const HEAP_SHARE = 0.75;
/** docs.libuv.org, threadpool: 4 is its default. Its threads wait for files and DNS, so fewer would only queue. */
const LEAST_THREADS = 4;
/** What a worker process of a web server takes before it serves: fewer of them, rather than all of them killed. */
const WORKER_MEMORY = 128 * MIB;

/** One variable of one runtime. `why` says the rule for people; null as a value: this limit does not bear on it. */
export type Rule = {
  readonly name: string;
  readonly runtime: string;
  /** Other variables by which a user may have said the same. */
  readonly also?: readonly string[];
  readonly by: readonly ('processors' | 'memory')[];
  readonly why: string;
  readonly value: (limits: Limits) => string | null;
};

/** Bytes for the app, once k8s-run has its own; null without a limit, or where next to nothing is left. */
export function shareOf(memory: MemoryLimit | null): number | null {
  const share = memory === null ? 0 : memory.bytes - OWN_MEMORY;
  return share < LEAST_SHARE ? null : share;
}

/** Each rule is the runtime's own where it has one; docs/how-to/limits.md names the sources. */
export const RULES: readonly Rule[] = [
  cpu('GOMAXPROCS', 'Go', 'rounded up, 2 at least, as Go 1.25 has it', (limit) =>
    Math.min(Math.max(2, roundedUp(limit)), limit.allowed),
  ),
  memory(
    'GOMEMLIMIT',
    'Go',
    '90 % of what is left for the app',
    (share) => `${Math.floor((share * GO_SHARE) / MIB)}MiB`,
  ),
  memory(
    'NODE_OPTIONS',
    'Node.js',
    '75 % of what is left for the app',
    (share) => `--max-old-space-size=${Math.floor((share * HEAP_SHARE) / MIB)}`,
  ),
  cpu('UV_THREADPOOL_SIZE', 'Node.js (libuv)', 'rounded up, 4 at least, as is its default', (limit) =>
    Math.max(LEAST_THREADS, roundedUp(limit)),
  ),
  {
    name: 'JAVA_TOOL_OPTIONS',
    runtime: 'Java',
    by: ['processors', 'memory'],
    why: 'processors rounded up, as the JVM does; heap 75 % of what is left for the app',
    value: ({ cpu: processors, memory: limit }) => {
      const share = shareOf(limit);
      const options = [
        ...(processors === null ? [] : [`-XX:ActiveProcessorCount=${roundedUp(processors)}`]),
        ...(limit === null || share === null ? [] : [`-XX:MaxRAMPercentage=${percentOf(share, limit).toFixed(1)}`]),
      ];
      return options.length === 0 ? null : options.join(' ');
    },
  },
  cpu('DOTNET_PROCESSOR_COUNT', '.NET', 'rounded up, as .NET does', roundedUp),
  {
    ...memory(
      'DOTNET_GCHeapHardLimitPercent',
      '.NET',
      '75 % of what is left for the app, in hexadecimal percents of the limit',
      (share, limit) => `0x${Math.floor(percentOf(share, limit)).toString(16).toUpperCase()}`,
    ),
    also: ['COMPlus_GCHeapHardLimitPercent', 'DOTNET_GCHeapHardLimit', 'COMPlus_GCHeapHardLimit'],
  },
  cpu('OMP_NUM_THREADS', 'OpenMP', 'rounded down: its threads wait for the slowest', roundedDown),
  cpu('PYTHON_CPU_COUNT', 'Python 3.13', 'rounded up', roundedUp),
  cpu('RAYON_NUM_THREADS', 'Rust (Rayon)', 'rounded down, as Rust has it', roundedDown),
  cpu('TOKIO_WORKER_THREADS', 'Rust (Tokio)', 'rounded down, as Rust has it', roundedDown),
  {
    name: 'WEB_CONCURRENCY',
    runtime: 'gunicorn, uvicorn, Puma',
    by: ['processors'],
    why: 'one process a processor, rounded up, if each has 128 MiB',
    value({ cpu: processors, memory: limit }) {
      if (processors === null) return null;
      const room = limit === null ? Number.POSITIVE_INFINITY : Math.floor((shareOf(limit) ?? 0) / WORKER_MEMORY);
      return String(Math.max(1, Math.min(roundedUp(processors), room)));
    },
  },
];

function cpu(name: string, runtime: string, why: string, value: (limit: CpuLimit) => number): Rule {
  return {
    name,
    runtime,
    by: ['processors'],
    why: `processors ${why}`,
    value: (limits) => (limits.cpu === null ? null : String(value(limits.cpu))),
  };
}

function memory(
  name: string,
  runtime: string,
  why: string,
  value: (share: number, limit: MemoryLimit) => string,
): Rule {
  return {
    name,
    runtime,
    by: ['memory'],
    why,
    value({ memory: limit }) {
      const share = shareOf(limit);
      return limit === null || share === null ? null : value(share, limit);
    },
  };
}

/** Runtimes take percents of the memory that they see, k8s-run's part included. */
function percentOf(share: number, limit: MemoryLimit): number {
  return (100 * HEAP_SHARE * share) / limit.seen;
}
