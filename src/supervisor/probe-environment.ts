import type { Clock } from '../clock.ts';
import type { ProbeEnvironment } from '../probe/registry.ts';
import { runCommand } from '../process/run-command.ts';

export type ProbeEnvironmentDeps = {
  readonly version: string;
  readonly clock: Pick<Clock, 'now'>;
  /** The app's environment, in which exec probes run. */
  readonly environment: () => NodeJS.ProcessEnv;
};

/** What probes need of other rooms. The rooms that read /proc are loaded when a probe first runs. */
export function probeEnvironments({
  version,
  clock,
  environment,
}: ProbeEnvironmentDeps): (app: number) => Promise<ProbeEnvironment> {
  return async (app) => {
    const [sockets, { readStat }] = await Promise.all([import('../linux/listeners.ts'), import('../linux/procfs.ts')]);
    return {
      app,
      version,
      now: clock.now,
      sockets,
      processes: { stateOf: (pid) => (readStat('self') === null ? 'unknown' : (readStat(pid)?.state ?? null)) },
      runCommand: (words, cancelled) => runCommand(words, environment(), cancelled),
    };
  };
}
