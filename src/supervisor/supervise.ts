import { basename } from 'node:path';
import { isatty } from 'node:tty';
import { launcher } from '../boot/reexec.ts';
import type { ReceivedSignals } from '../boot/signals.ts';
import { clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { EnvironmentReader } from '../environment/app-environment.ts';
import { createExitRecorder } from '../exit/exit-record.ts';
import { bareExitRecord, type ExitRecord, finishSafely, type RunResult } from '../exit/finish.ts';
import { type FaultDomain, runInside, watchForFaults } from '../fault-domain.ts';
import type { Port } from '../health/port.ts';
import type { Fault, State } from '../lifecycle/state.ts';
import type { Log } from '../log/log.ts';
import { lazyCollector } from '../metrics/lazy-collector.ts';
import { createMetricsRecorder } from '../metrics/recorder.ts';
import { createProbeManager } from '../probe/manager.ts';
import { createOrphanReaper } from '../process/orphan-reaper.ts';
import { runningCommands } from '../process/run-command.ts';
import { unblockUsr1 } from '../process/unblock-sigusr1.ts';
import { VERSION } from '../version.ts';
import { createAppEffects } from './app-effects.ts';
import { createDeferredEffects as errandsOf } from './deferred-effects.ts';
import { type EffectHandlers, type EventLoop, startEventLoop } from './event-loop.ts';
import { createNotices } from './notices.ts';
import { keyboardFor, policyOf } from './policy.ts';
import { probeEnvironments } from './probe-environment.ts';
import { createHangupClassifier } from './terminal-hangup.ts';

export type Supervision = {
  readonly command: readonly string[];
  /** The app's. */
  readonly environment: NodeJS.ProcessEnv;
  /** Reads it anew, for a restart. */
  readonly readEnvironment: EnvironmentReader;
  /** What each path of `--watch` held before that was read. */
  readonly mounted: ReadonlyMap<string, string | null>;
  readonly config: Config;
  /** null: no health server. */
  readonly port: Port | null;
  readonly log: Log;
  readonly signals: ReceivedSignals;
};

/** A room that fails as soon as it is started is started this often, not more. */
const RESTART_AFTER = 1_000;
/** All is loaded by then, and the app has had the CPU for itself. */
const START_IS_OVER = 2_000;
const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
/** sysexits(3): EX_SOFTWARE. */
const EXIT_SOFTWARE = 70;

/** Introduces the rooms to each other, starts the app, and resolves when all is over. */
export function supervise(undertaking: Supervision): Promise<RunResult> {
  const { command, environment, readEnvironment, mounted, config, port, log, signals } = undertaking;
  const { promise, resolve } = Promise.withResolvers<RunResult>();
  const terminal = isatty(STDIN) || isatty(STDERR);
  const keyboard = keyboardFor(config.interactive, process.pid, terminal);
  const policy = policyOf(config, keyboard, terminal || isatty(STDOUT));
  const program = basename(command[0] ?? '');
  const tally = createMetricsRecorder(policy);
  const life = createExitRecorder({ clock, log, program, faulted: (error) => bear('container', error) });
  const post: EventLoop['post'] = (event) => supervisor.post(event);

  const app = createAppEffects({
    command,
    program,
    environment,
    readEnvironment,
    config,
    station: keyboard === 'shared' ? 'shared group' : 'own session',
    clock,
    log,
    post,
    contained,
    forwarded: tally.forwarded,
  });

  const { say, degraded, death } = createNotices({
    program,
    health: port?.url ?? null,
    tally,
    life,
    log,
    faulted: (error) => bear('log', error),
  });

  const environmentFor = probeEnvironments({ version: VERSION, clock, environment: app.environment });

  const probes = createProbeManager(config, clock, {
    app: () => app.pid() ?? 0,
    environmentFor,
    changed(probe, standing) {
      post({ type: 'standingChanged', probe, standing });
      life.probed(probe, standing);
    },
    answered: tally.probed,
    standing: (probe) => {
      const state = supervisor.state();
      return 'standings' in state ? state.standings[probe] : { kind: 'passing' };
    },
    degraded,
    remarked: (probe, remark) => log.write('warn', 'warning', remark, { probe }),
    faulted: (error) => bear('probe', error),
  });

  const errands = errandsOf({
    config,
    clock,
    log,
    version: VERSION,
    app: app.pid,
    environment: app.environment,
    environmentFor,
    mounted,
    post,
    contained,
    faulted: (error) => bear('probe', error),
  });

  const orphanage = createOrphanReaper({
    clock,
    log,
    signals,
    isOurs: (pid) => runningCommands.has(pid) || (pid === app.pid() && appIsThere(supervisor.state())),
  });

  const shell: EffectHandlers = {
    ...app,
    ...errands,
    startProbe: ({ probe }) => probes.start(probe),
    stopProbe: ({ probe }) => probes.stop(probe),
    wakeAt: ({ at }) => void clock.after(at - clock.now(), () => post({ type: 'deadlinePassed' })),
    say,
    exit({ code }) {
      try {
        orphanage.reapLast();
      } finally {
        void finish(code, death());
      }
    },
  };

  const supervisor = startEventLoop(policy, shell, clock, lastResort, tally.stateEntered);

  const scrape = lazyCollector({ clock, tally, state: supervisor.state, app: app.pid, orphans: orphanage, log });

  // The app's first orphan must find us a subreaper. PID 1 gets them anyway, and the launcher has seen to it already.
  const adoptsAlready = process.pid === 1 || launcher !== undefined;

  /** What the app need not wait for: HTTP, the words, the counters. Each for itself, so that one fault costs one of them. */
  function furnish(): void {
    if (adoptsAlready) orphanage.start();
    const deaf = unblockUsr1();
    if (deaf !== null)
      log.write('warn', 'warning', `SIGUSR1 cannot be passed on: ${deaf}; start Node without --disable-sigusr1`);
    contained('health', openHealth);
    contained('log', log.load);
    errands.watchMounted();
    contained('container', life.monitorResources);
    clock.after(START_IS_OVER, errands.trimMemory);
  }

  async function openHealth(): Promise<void> {
    if (port === null) return;
    const { wireHealth } = await import('./health-wiring.ts');
    wireHealth({
      port,
      program,
      config,
      policy,
      clock,
      log,
      state: supervisor.state,
      app: app.pid,
      checks: probes.checks,
      orphans: orphanage.report,
      tally,
      scrape,
      faulted: (error) => bear('health', error),
    });
  }

  function contained(room: FaultDomain, work: () => Promise<void>): void {
    runInside(room, work).catch((error: Error) => bear(room, error));
  }

  /** A fault in the lifecycle or process room ends the app in order; any other is said, and that room is started anew. */
  function bear(room: FaultDomain, error: Error): void {
    if (room === 'lifecycle' || room === 'process') {
      post({ type: 'faulted', fault: { room, message: error.message } });
      return;
    }
    tally.faulted(room);
    const msg = `internal error in ${room}: ${error.message}; ${program} is not affected`;
    log.write('error', 'fault', msg, { room, error: error.message });
    if (room === 'probe') probes.restart();
    // Not at once: a room that cannot be had must not keep the event loop from all others.
    if (room === 'health') clock.after(RESTART_AFTER, () => contained('health', openHealth));
    if (room === 'log') log.restart();
  }

  /** The machine cannot be trusted any more, so neither order nor grace can be kept. */
  function lastResort(fault: Fault): void {
    app.killAll();
    const msg = `internal error in ${fault.room}: ${fault.message}`;
    void finish(EXIT_SOFTWARE, bareExitRecord(EXIT_SOFTWARE, 'fault', msg));
  }

  function finish(code: number, told: ExitRecord | null): Promise<void> {
    return finishSafely(code, told, config.terminationLog, log).then(resolve);
  }

  watchForFaults(bear);
  const meant = createHangupClassifier(clock, policy);
  signals.deliverTo((signal) => post(meant(signal)));
  if (!adoptsAlready) orphanage.start();
  post({ type: 'begun' });
  furnish();
  return promise;
}

/** Until its exit is known, the app is for libuv to wait for. */
function appIsThere(state: State): boolean {
  return 'standings' in state;
}
