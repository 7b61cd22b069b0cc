import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { EnvironmentReader } from '../environment/app-environment.ts';
import type { HookName, Milliseconds, PostMortemHook, State } from '../lifecycle/state.ts';
import type { Log } from '../log/log.ts';
import type { Limits } from '../resources/limits.ts';
import type { ResizeFacts } from '../resources/resize.ts';

/** Tells of changes of the container's limits, and has them acted upon. */
export type Resizes = {
  /** The limits are known now, if there are any. */
  readonly monitored: () => void;
  readonly resized: (resize: ResizeFacts) => void;
  readonly settled: (resize: ResizeFacts) => void;
  /** What the hook of `--on-resize` is told. */
  readonly variables: (hook: HookName | PostMortemHook) => NodeJS.ProcessEnv;
  /** For /statusz. */
  readonly status: () => Readonly<Record<string, unknown>> | null;
};

export type ResizesDeps = {
  readonly config: Pick<Config, 'onResize' | 'onMemory'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Pick<Log, 'write'>;
  readonly program: () => string;
  readonly state: () => State;
  readonly limits: () => Limits | null;
  readonly environment: Pick<EnvironmentReader, 'sizes' | 'outdated'>;
  /** The environment that the app has. */
  readonly has: () => NodeJS.ProcessEnv;
  /** Counts it, and tells readers of the events socket. */
  readonly tell: (resize: ResizeFacts) => void;
  readonly act: () => void;
};

export function createResizes({ config, clock, log, program, ...deps }: ResizesDeps): Resizes {
  let last: { readonly resize: ResizeFacts; readonly at: Milliseconds } | null = null;
  let count = 0;
  let variables: NodeJS.ProcessEnv = {};

  /** An app that is started again gets new ones, and one that is not there, or is about to end, needs none. */
  const warnOfOutdated = (): void => {
    const { sizes, outdated } = deps.environment;
    if (sizes.length === 0 || config.onResize?.kind === 'restart' || deps.state().kind !== 'running') return;
    const names = outdated(deps.has());
    if (names.length === 0) return;
    const flags = sizes.map((flag) => `--${flag}`).join(' and ');
    const text = `${listed(names)} of ${program()} ${names.length === 1 ? 'is' : 'are'} sized for the limits before the resize (${flags}), until it is started again; --on-resize restart does so, and k8s-run env shows what fits`;
    log.write('warn', 'warning', text, { reason: 'resize', variables: names });
  };

  return {
    monitored() {
      const limits = deps.limits();
      if (config.onResize !== null && limits === null)
        log.write(
          'warn',
          'warning',
          '--on-resize has no effect: there is no control group here whose limits could change',
        );
      if (config.onMemory !== null && (limits?.memory ?? null) === null)
        log.write('warn', 'warning', '--on-memory has no effect: the container has no memory limit');
    },
    resized(resize) {
      last = { resize, at: clock.now() };
      count += 1;
      deps.tell(resize);
    },
    settled({ memoryLimitBytes, oldMemoryLimitBytes, cpuLimitCores, oldCpuLimitCores }) {
      variables = {
        K8S_RUN_MEMORY_LIMIT_BYTES: String(memoryLimitBytes ?? ''),
        K8S_RUN_OLD_MEMORY_LIMIT_BYTES: String(oldMemoryLimitBytes ?? ''),
        K8S_RUN_CPU_LIMIT_CORES: String(cpuLimitCores ?? ''),
        K8S_RUN_OLD_CPU_LIMIT_CORES: String(oldCpuLimitCores ?? ''),
      };
      warnOfOutdated();
      deps.act();
    },
    variables: (hook) => (hook === 'on-resize' ? variables : {}),
    status() {
      const limits = deps.limits();
      if (limits === null) return null;
      const now = { memoryLimitBytes: limits.memory?.bytes ?? null, cpuLimitCores: limits.cpu?.processors ?? null };
      if (last === null) return now;
      const { oldMemoryLimitBytes, oldCpuLimitCores } = last.resize;
      const resized = { agoMs: Math.round(clock.now() - last.at), oldMemoryLimitBytes, oldCpuLimitCores };
      return { ...now, resizes: count, resized };
    },
  };
}

/** `A`, `A and B`, `A, B and C`. */
function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}
