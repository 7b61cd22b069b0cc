import type { Clock } from '../clock.ts';
import type { LogLevel, OtlpTarget } from '../config/options/log.ts';
import type { Exit, ProbeName, State } from '../lifecycle/state.ts';
import type { Level, LogEntry } from '../log/entry.ts';
import { countRepeats } from '../log/repeats.ts';
import { endAttributes, errorOf, errorOfRestart, type LifeEnd } from './end-of-life.ts';
import type { Exporter } from './exporter.ts';
import { type AnyHook, createLives } from './lives.ts';
import type { ResourceAttributes } from './resource.ts';
import { otlpSettings } from './settings.ts';
import { attributesOf, type LogRecord, type Span, shortened } from './span.ts';
import { parentIn, type SpanContext, traceVariables } from './trace-context.ts';

/** What `--otlp` exports: the spans of each life, and the log. No method throws or rejects. */
export type Telemetry = {
  /** What cannot be exported, for the log. */
  readonly remarks: readonly string[];
  /** Makes the app, and all that has its environment, a child of the present life. */
  readonly addTo: (environment: NodeJS.ProcessEnv) => NodeJS.ProcessEnv;
  /** Gets every line before the log leaves out those below its level. */
  readonly logged: (entry: LogEntry) => void;
  readonly follow: (deps: TelemetryDeps) => void;
  readonly stateEntered: (next: State) => void;
  readonly probed: (probe: ProbeName, result: string, reason: string | null) => void;
  /** Begins the hook's span, whose child the hook is. */
  readonly hookVariables: (hook: AnyHook) => NodeJS.ProcessEnv;
  /** Loads what exports. */
  readonly load: () => Promise<void>;
  readonly resource: () => ResourceAttributes | null;
  /** The last life has ended: sends all that waits. Resolves when it is sent, or soon, so that the last line of the log need not wait. */
  readonly ended: (end: LifeEnd | null, exit: Exit | null) => Promise<void>;
  /** Sends what came since, within LAST_LIMIT of `ended`. */
  readonly close: () => Promise<void>;
  /** After a fault: forgets what was under way. */
  readonly restart: () => void;
};

export type TelemetryDeps = {
  readonly program: () => string;
  readonly warn: (text: string, reason: string) => void;
  readonly faulted: (error: Error) => void;
};

export type TelemetryOptions = {
  readonly target: OtlpTarget;
  readonly logLevel: LogLevel;
  readonly version: string;
  readonly clock: Clock;
  /** Runs work inside the fault domain of this room. */
  readonly inside: <T>(work: () => T) => T;
  /** The container's own. */
  readonly environment: Readonly<NodeJS.ProcessEnv>;
};

/** Milliseconds that the exit may take longer because of the last export: half of the reserve of the shutdown budget … */
export const LAST_LIMIT = 1_000;
/** … and that the last line of the log may wait for it, so that a collector that is not there is said before. */
const BEFORE_LAST_LINE = 250;
/** Spans and records before the exporter is loaded. */
const MOST_EARLY = 1_000;
/** After more of them nothing is exported any more: a fault at each export would be said forever. */
const FAULTS_TOLERATED = 4;
const LEVELS: readonly Level[] = ['debug', 'info', 'warn', 'error'];
/** Lines that tell of the life as a whole or of a hook, and are no events of a phase. */
const NO_EVENTS: ReadonlySet<string> = new Set(['starting', 'spawned', 'hook', 'restarting', 'exited', 'reaped']);

/** Loads nothing that the app would have to wait for. */
export function openTelemetry(options: TelemetryOptions): Telemetry {
  const { target, logLevel, version, clock, environment } = options;
  const settings = otlpSettings(target, environment);
  const least = LEVELS.indexOf(logLevel === 'silent' ? 'info' : logLevel);
  let deps: TelemetryDeps | null = null;
  let exporter: Exporter | null = null;
  let loading: Promise<void> | null = null;
  let early: { spans: Span[]; records: LogRecord[] } = { spans: [], records: [] };
  let resourceOfLife: (() => ResourceAttributes) | null = null;
  let faults = 0;
  let until = Number.POSITIVE_INFINITY;
  /** `exited` is the last line of the log. */
  let isLogOpen = true;
  const results = new Map<ProbeName, string>();
  const dateOf = (at: number): number => performance.timeOrigin + at;
  const isOn = settings.traces !== null || settings.logs !== null;

  const lives = createLives({
    ...{ dateOf, parent: parentIn(environment), flagsOf: settings.flagsOf },
    spanEnded(span) {
      if (exporter !== null) exporter.addSpan(span);
      else if (early.spans.length < MOST_EARLY) early.spans.push(span);
    },
  });

  /** Its faults are those of this room, also in what it begins, and end nothing else. */
  function guarded<T>(otherwise: T, work: () => T): T {
    if (faults > FAULTS_TOLERATED) return otherwise;
    try {
      return options.inside(work);
    } catch (error) {
      fail(error as Error);
      return otherwise;
    }
  }

  /** Counted first, because the fault is logged, and its line comes back here. */
  function fail(error: Error): void {
    faults += 1;
    if (faults <= FAULTS_TOLERATED) deps?.faulted(error);
  }

  const record = (entry: LogEntry): void => {
    const context = spanOf(entry);
    const { time, level, event, msg, facts } = entry;
    const attributes = { 'k8s_run.event': event, ...attributesOf(facts) };
    const found: LogRecord = { time, level, event, text: shortened(msg), attributes, context };
    if (exporter !== null) exporter.addRecord(found);
    else if (early.records.length < MOST_EARLY) early.records.push(found);
  };

  /** The span that the line belongs to, in which it leaves what it tells. */
  const spanOf = ({ time, level, event, msg, facts }: LogEntry): SpanContext => {
    if (event === 'restarting') {
      const code = facts['code'];
      const exit: Exit | null = typeof code === 'number' ? { kind: 'code', code } : null;
      return lives.ended(endAttributes({ msg, facts }, exit), errorOfRestart({ msg, facts }, level));
    }
    if (event === 'hook') {
      const name = facts['hook'] as AnyHook;
      const outcome = facts['outcome'];
      if (outcome === 'runs') return lives.hookBegun(name, time);
      // A line of its output may come after its end.
      if (outcome === undefined) return lives.hook(name) ?? lives.current();
      // `sent`: a signal to the app, after which the hook itself does no more.
      return lives.hookEnded(name, outcome === 'failed' ? String(facts['reason']) : null, time) ?? lives.current();
    }
    if (event === 'spawned') {
      results.clear();
      lives.describe({ 'process.pid': Number(facts['pid']), 'process.executable.name': String(facts['program']) });
    }
    if (!NO_EVENTS.has(event)) lives.happened({ name: event, time, attributes: attributesOf(facts) });
    return lives.current();
  };

  const repeats = countRepeats(clock.after, (entry) => guarded(undefined, () => record(entry)));

  const resource = (): ResourceAttributes | null => resourceOfLife?.() ?? null;

  const load = (): Promise<void> => {
    loading ??= guarded(Promise.resolve(), async () => {
      if (!isOn) return;
      const [{ createExporter }, { resourceOf }] = await Promise.all([
        import('./exporter.ts'),
        import('./resource.ts'),
      ]);
      let known: ResourceAttributes | null = null;
      resourceOfLife = () => {
        known ??= resourceOf(settings.attributes, environment, deps?.program() ?? '');
        return known;
      };
      exporter = createExporter({
        ...{ settings, version, now: clock.now, after: clock.after, resource: resourceOfLife },
        warn: (text, reason) => isLogOpen && deps?.warn(text, reason),
        faulted: fail,
      });
      for (const span of early.spans) exporter.addSpan(span);
      for (const each of early.records) exporter.addRecord(each);
      early = { spans: [], records: [] };
    });
    return loading;
  };

  const flush = async (): Promise<void> => {
    await load();
    await exporter?.flush(until);
  };

  return {
    remarks: settings.warnings,
    addTo: (environment) =>
      settings.traces === null ? environment : { ...environment, ...traceVariables(lives.life()) },
    logged(entry) {
      if (isOn && LEVELS.indexOf(entry.level) >= least) guarded(undefined, () => repeats.take(entry));
    },
    follow(next) {
      deps = next;
    },
    stateEntered: (next) =>
      guarded(undefined, () => {
        lives.stateEntered(next);
        // The pod may be gone soon.
        if (next.kind === 'findingLeftovers') exporter?.hurry();
      }),
    probed: (probe, result, reason) =>
      guarded(undefined, () => {
        // Of equal results in a row the first one.
        if (results.get(probe) === result) return;
        results.set(probe, result);
        if (result === 'passed') return;
        const facts = { probe, result, ...(reason === null ? {} : { reason }) };
        lives.happened({ name: 'probe failed', time: dateOf(clock.now()), attributes: attributesOf(facts) });
      }),
    hookVariables: (hook) =>
      settings.traces === null ? {} : guarded({}, () => traceVariables(lives.hookBegun(hook, dateOf(clock.now())))),
    load,
    resource,
    ended: (end, exit) =>
      guarded(Promise.resolve(), async () => {
        if (!isOn) return;
        until = clock.now() + LAST_LIMIT;
        repeats.flush();
        if (end !== null) lives.ended(endAttributes(end, exit), errorOf(end));
        lives.close(dateOf(clock.now()));
        await within(BEFORE_LAST_LINE, flush());
        isLogOpen = false;
      }),
    close: () =>
      guarded(Promise.resolve(), async () => {
        if (isOn) await within(until - clock.now(), flush());
      }),
    restart: () =>
      guarded(undefined, () => {
        faults += 1;
        exporter?.reset();
      }),
  };

  /** Never rejects: what fails now has no effect any more. */
  function within(limit: number, work: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(Math.max(0, limit), resolve);
      const done = (): void => {
        cancel();
        resolve();
      };
      work.then(done, done);
    });
  }
}
