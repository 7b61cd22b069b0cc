import type { Clock } from './clock.ts';
import type { Config } from './config/parse.ts';
import { inside } from './containment.ts';
import type { ProbeName, Standing } from './lifecycle/state.ts';
import type { Poller } from './probe/poller.ts';
import type { Surroundings } from './probe/probe.ts';
import type { ProbeSpec } from './probe/spec.ts';
import { runCommand } from './process/command.ts';

/** The probes that are being asked. Their room is loaded when the first one starts, after the app was spawned. */
export type Probing = {
  readonly start: (probe: ProbeName) => void;
  readonly stop: (probe: ProbeName) => void;
  /** After a fault: each one that was being asked is asked anew, by a prober that remembers nothing. */
  readonly restart: () => void;
};

export type ProbingTools = {
  readonly app: () => number;
  readonly environment: () => NodeJS.ProcessEnv;
  readonly version: string;
  readonly changed: (probe: ProbeName, standing: Standing) => void;
  readonly standing: (probe: ProbeName) => Standing;
  readonly remarked: (probe: ProbeName, remark: string) => void;
  readonly faulted: (error: Error) => void;
};

/** A room that throws at every question must not be started anew at every question. */
const RESTART_AFTER = 1_000;

export function probing(config: Config, clock: Clock, tools: ProbingTools): Probing {
  const active = new Map<ProbeName, { poller: Poller | null }>();
  const remarks = new Set<string>();

  /** Startup usually is the ready probe: what was said of the one need not be said of the other. */
  const remarkOnce = (probe: ProbeName, remark: string): void => {
    const key = `${specOf(probe, config) === config.ready ? 'ready' : probe}: ${remark}`;
    if (remarks.has(key)) return;
    remarks.add(key);
    tools.remarked(probe, remark);
  };

  const begin = async (probe: ProbeName, slot: { poller: Poller | null }): Promise<void> => {
    const [{ probeFor }, { poll }, around] = await Promise.all([
      import('./probe/probe.ts'),
      import('./probe/poller.ts'),
      surroundings(tools.app(), tools, clock),
    ]);
    if (active.get(probe) !== slot) return;
    const ask = probeFor(specOf(probe, config), around);
    const rhythm = {
      period: config.probePeriod,
      timeout: config.probeTimeout,
      successThreshold: config.successThreshold,
      failureThreshold: config.failureThreshold,
    };
    slot.poller = poll(ask, rhythm, tools.standing(probe), {
      now: clock.now,
      after: clock.after,
      changed: (standing) => tools.changed(probe, standing),
      remarked: (remark) => remarkOnce(probe, remark),
      faulted: tools.faulted,
    });
  };

  const start = (probe: ProbeName): void => {
    stop(probe);
    const slot = { poller: null };
    active.set(probe, slot);
    inside('probe', () => begin(probe, slot)).catch(tools.faulted);
  };

  const stop = (probe: ProbeName): void => {
    active.get(probe)?.poller?.stop();
    active.delete(probe);
  };

  return {
    start,
    stop,
    restart() {
      for (const probe of [...active.keys()]) {
        active.get(probe)?.poller?.stop();
        const slot = { poller: null };
        active.set(probe, slot);
        clock.after(RESTART_AFTER, () => {
          if (active.get(probe) === slot) start(probe);
        });
      }
    },
  };
}

/** What probes need of the outside, loaded when they first ask. */
export async function surroundings(
  app: number,
  { version, environment }: Pick<ProbingTools, 'version' | 'environment'>,
  { now }: Pick<Clock, 'now'>,
): Promise<Surroundings> {
  const [sockets, { readStat }] = await Promise.all([
    import('./container/sockets.ts'),
    import('./container/procfs.ts'),
  ]);
  return {
    app,
    version,
    now,
    sockets,
    processes: { stateOf: (pid) => (readStat('self') === null ? 'unknown' : (readStat(pid)?.state ?? null)) },
    runCommand: (words, cancelled) => runCommand(words, environment(), cancelled),
  };
}

/** `--startup` is the ready probe, unless it was given. */
export function specOf(probe: ProbeName, config: Config): ProbeSpec {
  return probe === 'startup' ? (config.startup ?? config.ready) : config[probe];
}
