import type { Clock } from './clock.ts';
import type { Config } from './config/parse.ts';
import { inside } from './containment.ts';
import type { ProbeName, Standing } from './lifecycle/state.ts';
import type { Poller } from './probe/poller.ts';
import type { ProbeSpec } from './probe/spec.ts';
import { runCommand } from './process/command.ts';
import type { ProbeResult } from './tally.ts';

/** The probes that are being asked. Their room is loaded when the first one starts, after the app was spawned. */
export type Probing = {
  readonly start: (probe: ProbeName) => void;
  readonly stop: (probe: ProbeName) => void;
  /** After a fault: each one that was being asked is asked anew, by a prober that remembers nothing. */
  readonly restart: () => void;
};

export type ProbingTools = {
  readonly app: () => number;
  readonly environment: NodeJS.ProcessEnv;
  readonly version: string;
  readonly changed: (probe: ProbeName, standing: Standing) => void;
  readonly answered: (probe: ProbeName, result: ProbeResult, milliseconds: number) => void;
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
    const [{ probeFor }, { poll }, sockets, { readStat }] = await Promise.all([
      import('./probe/probe.ts'),
      import('./probe/poller.ts'),
      import('./container/sockets.ts'),
      import('./container/procfs.ts'),
    ]);
    if (active.get(probe) !== slot) return;
    const ask = probeFor(specOf(probe, config), {
      app: tools.app(),
      version: tools.version,
      now: clock.now,
      sockets,
      processes: { stateOf: (pid) => (readStat('self') === null ? 'unknown' : (readStat(pid)?.state ?? null)) },
      runCommand: (words, cancelled) => runCommand(words, tools.environment, cancelled),
    });
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
      answered: (result, spent) => tools.answered(probe, result, spent),
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

/** `--startup` is the ready probe, unless it was given. */
export function specOf(probe: ProbeName, config: Config): ProbeSpec {
  return probe === 'startup' ? (config.startup ?? config.ready) : config[probe];
}
