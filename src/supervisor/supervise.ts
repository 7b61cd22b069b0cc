import { isatty } from 'node:tty';
import { launcher } from '../boot/reexec.ts';
import type { ReceivedSignals } from '../boot/signals.ts';
import { clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { EnvironmentReader } from '../environment/app-environment.ts';
import { EXIT_SOFTWARE } from '../exit/exit-codes.ts';
import { createExitRecorder } from '../exit/exit-record.ts';
import { type ExitRecord, exitRecordWithCause, finishSafely, type RunResult } from '../exit/finish.ts';
import { type FaultDomain, runInside, watchForFaults } from '../fault-domain.ts';
import type { Port } from '../health/port.ts';
import type { Exit, Fault, State } from '../lifecycle/state.ts';
import type { Log } from '../log/log.ts';
import { lazyCollector } from '../metrics/lazy-collector.ts';
import { createMetricsRecorder } from '../metrics/recorder.ts';
import type { AppEvents } from '../node-drain/app-events.ts';
import type { Telemetry } from '../otlp/telemetry.ts';
import { createProbeManager } from '../probe/manager.ts';
import { createOrphanReaper } from '../process/orphan-reaper.ts';
import { runningCommands } from '../process/run-command.ts';
import { unblockUsr1 } from '../process/unblock-sigusr1.ts';
import { VERSION } from '../version.ts';
import { createAppEffects } from './app-effects.ts';
import { createAppName } from './app-name.ts';
import { createDeferredEffects } from './deferred-effects.ts';
import { type EffectHandlers, type EventLoop, startEventLoop } from './event-loop.ts';
import { leaveFolder } from './leave-folder.ts';
import { createNotices } from './notices.ts';
import { keyboardFor, keyboardRemarks, policyOf } from './policy.ts';
import { probeEnvironments } from './probe-environment.ts';
import { createProgramHints } from './program-hints.ts';
import { createResizes } from './resizes.ts';
import { hangupSignals } from './terminal-hangup.ts';

export type Supervision = {
  readonly command: readonly string[];
  /** The app's environment. */
  readonly environment: NodeJS.ProcessEnv;
  /** For a restart, and after a resize. */
  readonly appEnvironment: EnvironmentReader;
  /** What each path of `--watch` held before the environment was read. */
  readonly mounted: ReadonlyMap<string, string | null>;
  readonly config: Config;
  /** null: no health server. */
  readonly port: Port | null;
  /** null: neither `--events` nor `--node-drain`. */
  readonly events: AppEvents | null;
  /** null: no `--otlp`. */
  readonly telemetry: Telemetry | null;
  readonly log: Log;
  readonly signals: ReceivedSignals;
};

/** Milliseconds. A room that fails as soon as it is started is restarted this often, not more. */
const RESTART_AFTER = 1_000;
/** Milliseconds. By then everything is loaded. */
const ALL_IS_LOADED = 2_000;
/** Milliseconds. By then probes run at their period; an app that starts has had the CPU for itself. */
const START_IS_OVER = 10_000;
const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;

/** Connects the rooms to each other, starts the app, and resolves when k8s-run may exit. */
export function supervise({
  command,
  environment,
  appEnvironment,
  mounted,
  config,
  port,
  events,
  telemetry,
  log,
  signals,
}: Supervision): Promise<RunResult> {
  const { promise, resolve } = Promise.withResolvers<RunResult>();
  const terminal = isatty(STDIN) || isatty(STDERR);
  const keyboard = keyboardFor(config.interactive, process.pid, terminal);
  const policy = policyOf(config, keyboard, terminal || isatty(STDOUT));
  const post: EventLoop['post'] = (event) => eventLoop.post(event);
  const faultedIn =
    (domain: FaultDomain) =>
    (error: Error): void =>
      handleFault(domain, error);

  for (const remark of keyboardRemarks(config, keyboard)) log.write('warn', 'warning', remark);
  const name = createAppName(command, () => app.pid());
  const program = name.current;
  const metrics = createMetricsRecorder(policy, clock.now);
  telemetry?.follow({
    program,
    warn: (text, reason) => log.write('warn', 'warning', text, { reason }),
    faulted: faultedIn('otlp'),
  });
  const exitRecorder = createExitRecorder(
    {
      ...{ clock, log, program, faulted: faultedIn('resources') },
      resized: (resize) => resizes.resized(resize),
      settled: (resize) => resizes.settled(resize),
      memoryHigh: (reason) => post({ type: 'memoryHigh', reason }),
    },
    policy.drainConnections > 0,
  );

  const app = createAppEffects({
    command,
    program,
    environment,
    readEnvironment: appEnvironment.read,
    config,
    groupMode: keyboard === 'shared' ? 'shared group' : 'own session',
    clock,
    log,
    post,
    contained,
    forwarded,
  });

  const resizes = createResizes({
    ...{ config, clock, log, program },
    state: () => eventLoop.state(),
    limits: exitRecorder.limits,
    environment: appEnvironment,
    has: app.environment,
    tell(resize) {
      metrics.resized();
      events?.resized(resize);
    },
    act: () => post({ type: 'resizeSettled' }),
  });

  const hints = createProgramHints({ command, config, app: app.pid, log });

  const notices = createNotices({
    name,
    health: port?.url ?? null,
    metrics,
    exitRecorder,
    log,
    hints,
    faulted: faultedIn('log'),
  });

  const environmentFor = probeEnvironments({ version: VERSION, clock, environment: app.environment });

  const probes = createProbeManager(config, clock, {
    app: () => app.pid() ?? 0,
    environmentFor,
    changed(probe, standing) {
      post({ type: 'standingChanged', probe, standing });
      exitRecorder.probed(probe, standing);
    },
    probed(probe, result, milliseconds, reason) {
      metrics.probed(probe, result, milliseconds);
      telemetry?.probed(probe, result, reason);
    },
    standing: (probe) => {
      const state = eventLoop.state();
      return 'standings' in state ? state.standings[probe] : { kind: 'passing' };
    },
    degraded: notices.degraded,
    remarked: (probe, remark) => log.write('warn', 'warning', remark, { probe }),
    faulted: faultedIn('probe'),
  });

  const deferred = createDeferredEffects({
    config,
    clock,
    log,
    version: VERSION,
    app: app.pid,
    runningApp: () => (isAppRunning(eventLoop.state()) ? app.pid() : null),
    passOn: (signal) => app.passOn({ type: 'passOn', signal }),
    forwarded,
    printed: exitRecorder.printed,
    environment: app.environment,
    hookVariables: (hook) => ({ ...resizes.variables(hook), ...telemetry?.hookVariables(hook) }),
    environmentFor,
    program,
    readers: () => events?.readers() ?? 0,
    mounted,
    post,
    requestsCut,
    contained,
    faulted: faultedIn('probe'),
  });

  const orphanReaper = createOrphanReaper({
    clock,
    log,
    signals,
    isOurs: (pid) => runningCommands.has(pid) || (pid === app.pid() && isAppRunning(eventLoop.state())),
  });

  const handlers: EffectHandlers = {
    ...app,
    ...deferred,
    startProbe: ({ probe }) => probes.start(probe),
    stopProbe: ({ probe }) => probes.stop(probe),
    stopApp(effect) {
      deferred.forgetSignals();
      app.stopApp(effect);
    },
    wakeAt: ({ at }) => void clock.after(at - clock.now(), () => post({ type: 'deadlinePassed' })),
    say(effect) {
      notices.say(effect);
      const state = eventLoop.state();
      if (effect.notice.event === 'terminating' && 'shutdown' in state)
        contained('log', async () => hints.terminating(state.shutdown.stopSignal));
    },
    exit({ record }) {
      try {
        orphanReaper.reapLast();
      } finally {
        void deferred
          .settleConnections()
          .catch(faultedIn('connections'))
          .then(() => finish(record.code, notices.exitRecordOf(record), record.exit));
      }
    },
  };

  const eventLoop = startEventLoop({ policy, handlers, clock, lastResort: killAllAndExit, stateEntered });
  events?.follow(eventLoop.state, clock.now);

  const scrape = lazyCollector({
    clock,
    metrics,
    state: eventLoop.state,
    app: app.pid,
    orphans: orphanReaper,
    log,
    resource: () => telemetry?.resource() ?? null,
  });

  // Orphans are reparented to PID 1, or to a subreaper, which the launcher of the portable folder has made of this process.
  const getsOrphans = process.pid === 1 || launcher !== undefined;

  /** Effects that are loaded after the app's start: HTTP, messages, monitors. A fault in one does not affect the others. */
  function startBackgroundServices(): void {
    if (getsOrphans) orphanReaper.start();
    const blocked = unblockUsr1();
    if (blocked !== null)
      log.write('warn', 'warning', `SIGUSR1 cannot be passed on: ${blocked}; start Node without --disable-sigusr1`);
    contained('health', serveHealth);
    contained('log', log.load);
    contained('log', hints.load);
    if (telemetry !== null) contained('otlp', telemetry.load);
    deferred.watchMounted();
    contained('resources', async () => {
      await exitRecorder.monitorResources();
      resizes.monitored();
    });
    clock.after(START_IS_OVER, deferred.trimMemory);
    clock.after(ALL_IS_LOADED, name.look);
  }

  async function serveHealth(): Promise<void> {
    if (port === null) return;
    const { wireHealth } = await import('./health-wiring.ts');
    wireHealth({
      port,
      program,
      config,
      policy,
      clock,
      log,
      state: eventLoop.state,
      app: app.pid,
      checks: probes.checks,
      orphans: orphanReaper.report,
      limits: resizes.status,
      metrics,
      scrape,
      faulted: faultedIn('health'),
    });
  }

  function forwarded(signal: number): void {
    metrics.forwarded(signal);
    exitRecorder.sent(signal);
  }

  /** Said by `exited`, or, when the app is restarted, by a warning. */
  function requestsCut(count: number): void {
    metrics.requestsCut(count);
    const state = eventLoop.state();
    const exits =
      'ended' in state ? state.ended.next !== 'restart' : state.kind === 'postExit' || state.kind === 'exited';
    if (exits) exitRecorder.requestsCut(count);
    else if (count > 0)
      log.write('warn', 'warning', `the restart of ${program()} has cut requests in flight: ${count}`, {
        cutRequests: count,
      });
  }

  function stateEntered(next: State, before: State): void {
    if (next.kind === 'running' && before.kind === 'preparing') {
      leaveFolder(config);
      exitRecorder.appStarted();
    }
    metrics.stateEntered(next);
    events?.stateEntered(next, before);
    telemetry?.stateEntered(next);
  }

  function contained(domain: FaultDomain, work: () => Promise<void>): void {
    runInside(domain, work).catch(faultedIn(domain));
  }

  /** A fault in the lifecycle or process room ends the app in order. Any other is logged, and its room is restarted. */
  function handleFault(domain: FaultDomain, error: Error): void {
    if (domain === 'lifecycle' || domain === 'process') {
      post({ type: 'faulted', fault: { room: domain, message: error.message } });
      return;
    }
    metrics.faulted(domain);
    const msg = `internal error in ${domain}: ${error.message}; ${program()} is not affected`;
    log.write('error', 'fault', msg, { room: domain, error: error.message });
    if (domain === 'probe') probes.restart();
    // Not at once, because a room that fails at every start would keep the event loop from all others.
    if (domain === 'health') clock.after(RESTART_AFTER, () => contained('health', serveHealth));
    if (domain === 'log') log.restart();
    if (domain === 'otlp') telemetry?.restart();
  }

  /** The state machine cannot be trusted any more, so neither order nor grace can be kept. */
  function killAllAndExit(fault: Fault): void {
    app.killAll();
    const msg = `internal error in ${fault.room}: ${fault.message}`;
    void finish(EXIT_SOFTWARE, exitRecordWithCause(EXIT_SOFTWARE, 'fault', msg));
  }

  async function finish(code: number, record: ExitRecord | null, exit: Exit | null = null): Promise<void> {
    await telemetry?.ended(record, exit);
    const result = await finishSafely(code, record, config.terminationLog, log);
    await telemetry?.close();
    resolve(result);
  }

  watchForFaults(handleFault);
  const hangups = hangupSignals(clock, policy);
  signals.deliverTo((signal) =>
    post({ type: hangups.isTerminalLoss(signal) ? 'terminalLost' : 'signalReceived', signal }),
  );
  if (!getsOrphans) orphanReaper.start();
  post({ type: 'begun' });
  startBackgroundServices();
  return promise;
}

/** Until the app's exit is known, libuv waits for it, and the reaper must not. */
function isAppRunning(state: State): boolean {
  return 'standings' in state;
}
