import { basename } from 'node:path';
import { isatty } from 'node:tty';
import { clock } from './clock.ts';
import { readArguments } from './config/arguments.ts';
import { formatDuration } from './config/duration.ts';
import { type Config, parseConfig } from './config/parse.ts';
import { signalName } from './config/signal-name.ts';
import { inside, type Room, watchForFaults } from './containment.ts';
import { openPort, type Port } from './health/port.ts';
import type { Fault, Leftover, State } from './lifecycle/state.ts';
import { verdicts } from './lifecycle/verdict.ts';
import { type Log, openLog } from './log/log.ts';
import { leaveStreamsAlone } from './log/streams.ts';
import { wordsFor } from './log/words.ts';
import { orphans } from './orphans.ts';
import { keyboardFor, policyOf } from './policy.ts';
import { probing } from './probing.ts';
import { type App, SIGCONT, SIGKILL, startApp } from './process/child.ts';
import { helpers } from './process/command.ts';
import { type Leftovers, lookAfter } from './process/leftovers.ts';
import { suspendWith } from './process/suspend.ts';
import { leftoversOf } from './process/tree.ts';
import type { ReceivedSignals } from './signals.ts';
import { type Shell, supervise } from './supervisor.ts';
import { VERSION } from './version.ts';

/** How it ended, and what to do with the last line; `stuck`: a write of it hangs in the thread pool. */
export type End = { readonly code: number; readonly log: 'written' | 'left' | 'stuck' };

const EXIT_UNAVAILABLE = 69;
/** The app needs a moment to be stopped by the signal that it was just sent. */
const SUSPEND_AFTER = 20;
const STDIN = 0;
const STDERR = 2;

/** Runs one command line to its end. Never rejects for anything that a user can do. */
export async function run(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  signals: ReceivedSignals,
): Promise<End> {
  leaveStreamsAlone();
  const line = readArguments(words);
  if (line.kind !== 'supervise') {
    const { printHelp, printVersion } = await import('./cli/help.ts');
    return { code: line.kind === 'help' ? printHelp() : printVersion(), log: 'written' };
  }
  const parsed = parseConfig(line.flags, environment);
  if ('mistakes' in parsed || line.mistakes.length > 0) {
    const { reportMistakes } = await import('./cli/mistakes.ts');
    const mistakes = [...line.mistakes, ...('mistakes' in parsed ? parsed.mistakes : [])];
    return { code: await reportMistakes(words, mistakes, parsed.warnings, logFor(null, environment)), log: 'written' };
  }
  const log = logFor(parsed.ok, environment);
  for (const warning of parsed.warnings) log.write('warn', 'warning', warning);
  const { healthPort, healthHost } = parsed.ok;
  let port: Port | null = null;
  if (healthPort !== 'off') {
    try {
      // What comes in over it later begins in the room that it was opened in, http's own work included.
      port = await inside('health', () => openPort(healthPort, healthHost));
    } catch (error) {
      log.write('error', 'exited', (error as Error).message, { code: EXIT_UNAVAILABLE, cause: 'health port' });
      await log.load();
      return { code: EXIT_UNAVAILABLE, log: await log.close() };
    }
  }
  return supervision(line.command, environment, parsed.ok, port, log, signals);
}

/** Introduces the rooms to each other, starts the app, and resolves when all is over. */
function supervision(
  command: readonly string[],
  environment: NodeJS.ProcessEnv,
  config: Config,
  port: Port | null,
  log: Log,
  signals: ReceivedSignals,
): Promise<End> {
  const { promise, resolve } = Promise.withResolvers<End>();
  const keyboard = keyboardFor(config.interactive, process.pid, isatty(STDIN) || isatty(STDERR));
  const policy = policyOf(config, keyboard);
  const program = basename(command[0] ?? '');
  let app: App | null = null;
  let leftovers: Leftovers | null = null;
  let oomKilled = (): boolean => false;

  const scene = {
    program,
    version: VERSION,
    health: port?.url ?? null,
    signalName,
    duration: formatDuration,
    oomKilled: () => oomKilled(),
  };

  const shell: Shell = {
    spawn: () =>
      startApp(command, environment, keyboard === 'shared' ? 'shared group' : 'own session', {
        spawned(started) {
          app = started;
          supervisor.post({ type: 'spawned', pid: started.pid });
        },
        failed: (failure) => supervisor.post({ type: 'spawnFailed', failure }),
        exited: (exit) => supervisor.post({ type: 'childExited', exit }),
      }),
    passOn: ({ signal }) => send(signal),
    stopApp({ signal }) {
      send(signal);
      send(SIGCONT);
    },
    killApp() {
      send(SIGKILL, 'group');
    },
    suspend: () => void clock.after(SUSPEND_AFTER, () => app !== null && suspendWith(app.pid)),
    startProbe: ({ probe }) => probes.start(probe),
    stopProbe: ({ probe }) => probes.stop(probe),
    // After a turn of the event loop: /readyz fails first, then the tables are read.
    countListeners: () => void clock.after(0, () => contained('container', countListeners)),
    findLeftovers,
    stopLeftovers: ({ signal }) => leftovers?.stop(signal),
    killLeftovers: () => leftovers?.kill(),
    wakeAt: ({ at }) => void clock.after(at - clock.now(), () => supervisor.post({ type: 'deadlinePassed' })),
    say({ notice }) {
      try {
        const { level, event, msg, facts } = wordsFor(notice, scene);
        log.write(level, event, msg, facts);
      } catch (error) {
        bear('log', error as Error);
      }
    },
    exit: ({ code }) => contained('log', async () => resolve(await finish(code))),
  };

  const supervisor = supervise(policy, shell, clock, lastResort);

  const probes = probing(config, clock, {
    app: () => app?.pid ?? 0,
    environment,
    version: VERSION,
    changed: (probe, standing) => supervisor.post({ type: 'standingChanged', probe, standing }),
    standing: (probe) => {
      const state = supervisor.state();
      return 'standings' in state ? state.standings[probe] : { kind: 'passing' };
    },
    remarked: (probe, remark) => log.write('warn', 'warning', remark, { probe }),
    faulted: (error) => bear('probe', error),
  });

  const orphanage = orphans({
    clock,
    log,
    signals,
    isOurs: (pid) => helpers.has(pid) || (pid === app?.pid && appIsThere(supervisor.state())),
  });

  function send(signal: number, scope = config.signalScope): void {
    try {
      app?.signal(signal, scope);
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code;
      const msg = `cannot send ${signalName(signal)} to ${program}: ${reason}; does it run as another user?`;
      log.write('error', 'warning', msg, { signal: signalName(signal), reason });
    }
  }

  async function countListeners(): Promise<void> {
    const { listenersOf } = await import('./container/sockets.ts');
    const found = app === null ? { kind: 'unknowable' as const } : listenersOf(app.pid);
    supervisor.post({
      type: 'listenersCounted',
      count: found.kind === 'unknowable' ? 'unknown' : found.listeners.length,
    });
  }

  function findLeftovers(): void {
    const find = (): readonly Leftover[] => (app === null ? [] : leftoversOf(app.pid, helpers));
    leftovers = lookAfter(find, clock.after, () => supervisor.post({ type: 'leftoversGone' }));
    supervisor.post({ type: 'leftoversFound', leftovers: leftovers.first });
  }

  /** What the app need not wait for: the words, HTTP, the counters. */
  async function furnish(): Promise<void> {
    orphanage.adopt();
    const { oomKills } = await import('./container/cgroup.ts');
    const before = oomKills();
    oomKilled = () => (oomKills() ?? 0) > (before ?? 0);
    if (port !== null) await inside('health', openHealth);
    await inside('log', log.load);
  }

  async function openHealth(): Promise<void> {
    if (port === null) return;
    const [{ serveHealth }, { statusOf }] = await Promise.all([import('./health/server.ts'), import('./status.ts')]);
    serveHealth(port, {
      faulted: (error) => bear('health', error),
      report() {
        const state = supervisor.state();
        const told = verdicts(state, policy);
        const pid = app?.pid ?? null;
        const around = {
          version: VERSION,
          program,
          pid,
          config,
          verdicts: told,
          health: port.url,
          orphans: orphanage.report(),
        };
        return {
          verdicts: told,
          status: statusOf(state, { ...around, droppedLines: log.dropped(), now: clock.now() }),
        };
      },
    });
  }

  function contained(room: Room, work: () => Promise<void>): void {
    inside(room, work).catch((error: Error) => bear(room, error));
  }

  /** A fault in the lifecycle or process room ends the app in order; any other is said, and that room is started anew. */
  function bear(room: Room, error: Error): void {
    if (room === 'lifecycle' || room === 'process') {
      supervisor.post({ type: 'faulted', fault: { room, message: error.message } });
      return;
    }
    log.write('error', 'fault', `internal error in ${room}: ${error.message}; ${program} is not affected`, {
      room,
      error: error.message,
    });
    if (room === 'probe') probes.restart();
    if (room === 'health') contained('health', openHealth);
    if (room === 'log') log.restart();
  }

  function lastResort(fault: Fault): void {
    send(SIGKILL, 'group');
    log.write('error', 'exited', `internal error in ${fault.room}: ${fault.message}`, { code: 70, cause: 'fault' });
    finish(70).then(resolve, () => resolve({ code: 70, log: 'stuck' }));
  }

  async function finish(code: number): Promise<End> {
    try {
      await log.load();
      return { code, log: await log.close() };
    } catch {
      // Whatever is wrong with the log, the code is what counts now.
      return { code, log: 'left' };
    }
  }

  watchForFaults(bear);
  signals.deliverTo((signal) => supervisor.post({ type: 'signalReceived', signal }));
  // Elsewhere than as PID 1 this must be on before the app can lose its first orphan; PID 1 gets them anyway.
  if (process.pid !== 1) orphanage.adopt();
  supervisor.post({ type: 'begun' });
  contained('health', furnish);
  return promise;
}

function logFor(config: Config | null, environment: NodeJS.ProcessEnv): Log {
  const terminal = isatty(STDERR);
  const format = config?.logFormat ?? 'auto';
  const choice = {
    level: config?.logLevel ?? 'info',
    format: format === 'auto' ? (terminal ? 'pretty' : 'json') : format,
    // https://no-color.org
    colours: terminal && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb',
  } as const;
  return openLog(choice, (delay, call) => clock.after(delay, () => inside('log', call)));
}

/** Until its exit is known, the app is for libuv to wait for. */
function appIsThere(state: State): boolean {
  return state.kind === 'running' || state.kind === 'draining' || state.kind === 'stopping' || state.kind === 'killing';
}
