import { isatty } from 'node:tty';
import type { ReceivedSignals } from './boot/signals.ts';
import { COMMAND_NAMES, COMMANDS } from './cli/commands.ts';
import { clock } from './clock.ts';
import { mayHaveColours } from './colours.ts';
import { readArguments } from './config/argv.ts';
import type { Config } from './config/config.ts';
import { readConfig } from './config/resolve.ts';
import { sortMistakes } from './config/sort-mistakes.ts';
import { environmentReader } from './environment/app-environment.ts';
import { EXIT_UNAVAILABLE, EXIT_USAGE } from './exit/exit-codes.ts';
import { closeLog, type ExitRecord, exitRecordWithCause, finish, type RunResult } from './exit/finish.ts';
import { runInside, watchForFaults } from './fault-domain.ts';
import { openPort, type Port } from './health/port.ts';
import { disableStdio } from './log/disable-stdio.ts';
import { type Log, openLog } from './log/log.ts';
import type { AppEvents } from './node-drain/app-events.ts';
import type { Telemetry } from './otlp/telemetry.ts';
import { createAppName } from './supervisor/app-name.ts';
import { supervise } from './supervisor/supervise.ts';
import { VERSION } from './version.ts';

const STDERR = 2;

/** Runs one command line to its end. Rejects only for a fault of k8s-run itself. */
export async function run(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  signals: ReceivedSignals,
  launch: readonly string[],
): Promise<RunResult> {
  disableStdio();
  const line = readArguments(words, COMMAND_NAMES);
  if (line.kind === 'command') {
    const command = await COMMANDS[line.name]?.load();
    // Work that blocks, and a wait for stdin, would be deaf to Ctrl-C. Without a terminal, as under nohup(1), HUP has no effect; Node resets
    // what nohup ignores.
    if (command?.catchesSignals !== true) await signals.release({ hangup: [0, 1, 2].some((fd) => isatty(fd)) });
    const code = await command?.run({ words: line.words, environment, signals, commands: COMMANDS, launch });
    return { code: code ?? EXIT_USAGE, log: 'written' };
  }
  if (line.kind !== 'supervise') {
    const { printHelp, printVersion } = await import('./cli/help.ts');
    return { code: line.kind === 'help' ? printHelp() : printVersion(), log: 'written' };
  }
  const parsed = await readConfig(line.flags, environment);
  const readable = 'ok' in parsed ? parsed.ok : parsed.readable;
  // Before the environment is read, so that no change of a mounted file is missed between the two.
  const mounted = await fingerprintsOf(readable.watch ?? []);
  const { events, failure } = await appEventsOf(readable);
  const { telemetry, problem } = await telemetryOf(readable, environment);
  const addLast = (own: NodeJS.ProcessEnv): NodeJS.ProcessEnv => {
    const traced = telemetry?.addTo(own) ?? own;
    return events?.addTo(traced) ?? traced;
  };
  const appEnvironment = await environmentReader(readable, environment, parsed.sources.envDir, addLast);
  const forApp = appEnvironment.read();
  if (line.mistakes.length > 0 || 'mistakes' in parsed || 'problems' in forApp) {
    const { reportMistakes } = await import('./cli/report-mistakes.ts');
    // In the chosen format, at any level, because mistakes are always reported.
    const log = logFor({ logFormat: readable.logFormat ?? 'auto' }, environment);
    const place = parsed.places.envDir ?? (['command line', 0, 0] as const);
    const fromEnvironment =
      'problems' in forApp ? forApp.problems.map((text) => ({ kind: 'value', text, place }) as const) : [];
    const mistakes = [...line.mistakes, ...('mistakes' in parsed ? parsed.mistakes : []), ...fromEnvironment];
    const record = reportMistakes(words, sortMistakes(mistakes), parsed.warnings, log);
    if (typeof record === 'number') return { code: record, log: await closeLog(log) };
    return finish(record, readable.terminationLog ?? null, log);
  }
  const log = logFor(parsed.ok, environment, telemetry?.logged);
  for (const warning of parsed.warnings) log.write('warn', 'warning', warning);
  for (const remark of problem ?? telemetry?.remarks ?? []) log.write('warn', 'warning', remark);
  for (const remark of [...(failure ?? events?.remarks ?? []), ...forApp.remarks]) log.write('warn', 'warning', remark);
  const { healthPort, healthHost } = parsed.ok;
  let port: Port | null = null;
  if (healthPort !== 'off') {
    try {
      // Everything that its connections cause later, http's own work included, then belongs to this fault domain.
      port = await runInside('health', () => openPort(healthPort, healthHost));
    } catch (error) {
      const record = exitRecordWithCause(EXIT_UNAVAILABLE, 'health port', (error as Error).message);
      return exportAndFinish(record, { command: line.command, config: parsed.ok, telemetry, log });
    }
  }
  return supervise({
    command: line.command,
    environment: forApp.environment,
    appEnvironment,
    mounted,
    config: parsed.ok,
    port,
    events,
    telemetry,
    log,
    signals,
  });
}

type WithoutStart = {
  readonly command: readonly string[];
  readonly config: Config;
  readonly telemetry: Telemetry | null;
  readonly log: Log;
};

/** Where the app is not started, the exit is all there is of its life. No fault of the export keeps it from the log. */
async function exportAndFinish(
  record: ExitRecord,
  { command, config, telemetry, log }: WithoutStart,
): Promise<RunResult> {
  if (telemetry === null) return finish(record, config.terminationLog, log);
  watchForFaults(() => {});
  telemetry.follow({
    program: createAppName(command, () => null).current,
    warn: (text, reason) => log.write('warn', 'warning', text, { reason }),
    faulted: () => {},
  });
  // The last export has a second, which is not for this.
  await telemetry.load().catch(() => {});
  await telemetry.ended(record, null).catch(() => {});
  const result = await finish(record, config.terminationLog, log);
  await telemetry.close().catch(() => {});
  return result;
}

type Opened =
  | { readonly events: AppEvents | null; readonly failure: null }
  | { readonly events: null; readonly failure: readonly string[] };

/** Loads nothing without `--events` and `--node-drain`. An app must not be kept from its start because it cannot be told of its end. */
async function appEventsOf({ events, nodeDrain }: Partial<Config>): Promise<Opened> {
  if (events !== true && nodeDrain !== true) return { events: null, failure: null };
  try {
    const { openAppEvents } = await import('./node-drain/app-events.ts');
    return { events: await openAppEvents({ nodeDrain: nodeDrain === true }), failure: null };
  } catch (error) {
    const options = [...(events === true ? ['--events'] : []), ...(nodeDrain === true ? ['--node-drain'] : [])];
    const reason = `cannot open the events socket: ${(error as Error).message}`;
    return { events: null, failure: [`${reason}; the app is started without ${options.join(' and ')}`] };
  }
}

type Traced =
  | { readonly telemetry: Telemetry | null; readonly problem: null }
  | { readonly telemetry: null; readonly problem: readonly string[] };

/** Loads nothing without `--otlp`, and with it no more than makes a trace id. */
async function telemetryOf(
  { otlp, logLevel = 'info' }: Partial<Config>,
  environment: NodeJS.ProcessEnv,
): Promise<Traced> {
  if (otlp === undefined || otlp === null) return { telemetry: null, problem: null };
  try {
    const inside = <T>(work: () => T): T => runInside('otlp', work);
    const { openTelemetry } = await import('./otlp/telemetry.ts');
    const telemetry = openTelemetry({ target: otlp, logLevel, version: VERSION, clock, environment, inside });
    return { telemetry, problem: null };
  } catch (error) {
    return { telemetry: null, problem: [`--otlp has no effect: ${(error as Error).message}`] };
  }
}

/** A fingerprint of each path of `--watch`; null: it cannot be read. Loads nothing without paths. */
async function fingerprintsOf(paths: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
  if (paths.length === 0) return new Map();
  try {
    const { fingerprint } = await import('./mounted/fingerprint.ts');
    return new Map(paths.map((path) => [path, fingerprint(path)]));
  } catch {
    // The watch will fail in the same way when it begins, and is reported then.
    return new Map();
  }
}

function logFor(config: Partial<Config>, environment: NodeJS.ProcessEnv, listener?: Telemetry['logged']): Log {
  const terminal = isatty(STDERR);
  const format = config.logFormat ?? 'auto';
  const settings = {
    level: config.logLevel ?? 'info',
    format: format === 'auto' ? (terminal ? 'pretty' : 'json') : format,
    colours: mayHaveColours(STDERR, environment),
  } as const;
  return openLog(settings, (delay, call) => clock.after(delay, () => runInside('log', call)), listener);
}
