import type { Config } from '../config/config.ts';
import { describeProbe } from '../config/probe-spec.ts';
import type { Milliseconds, ProbeName, State, Traffic } from '../lifecycle/state.ts';
import type { Verdicts } from '../lifecycle/verdict.ts';
import type { CheckStanding } from '../probe/combine.ts';
import { probeSpecOf } from '../probe/schedule.ts';

/** What /statusz reports beside the state. Of a process only the program and the pid are shown. */
export type StatusSources = {
  readonly version: string;
  /** The version of Node.js. */
  readonly runtime: string;
  readonly program: string;
  readonly pid: number | null;
  readonly config: Config;
  readonly verdicts: Verdicts;
  /** When each verdict last changed. */
  readonly changedAt: Readonly<Record<ProbeName, Milliseconds>>;
  readonly health: string | null;
  readonly checks: (probe: ProbeName) => readonly CheckStanding[];
  readonly orphans: Readonly<Record<string, unknown>>;
  readonly droppedLines: number;
  /** The limits of the container, and their last change; null: not known. */
  readonly limits: Readonly<Record<string, unknown>> | null;
  readonly now: Milliseconds;
};

/** The page of /statusz. Times are milliseconds; those that end in `AgoMs` count back from the response. */
export function statusOf(state: State, sources: StatusSources): Readonly<Record<string, unknown>> {
  const { config, now } = sources;
  const probes = (['startup', 'ready', 'live'] as const).map((name) => [
    name,
    {
      probe: describeProbe(probeSpecOf(name, config)),
      ...sources.verdicts[name],
      changedAgoMs: Math.round(now - sources.changedAt[name]),
    },
  ]);
  return {
    version: sources.version,
    runtime: sources.runtime,
    state: state.kind,
    app: { program: sources.program, pid: sources.pid },
    probes: Object.fromEntries(probes),
    ...(config.checks.length === 0 ? {} : { checks: checksOf(sources) }),
    phases: state.timeline.map(({ phase, at }) => ({ phase, agoMs: Math.round(now - at) })),
    ...restartsOf(state, now),
    ...endOf(state),
    ...postMortemOf(state, sources),
    ...shutdownOf(state, config, now),
    options: {
      shutdownDelayMs: config.shutdownDelay,
      drainConnectionsMs: config.drainConnections,
      graceMs: config.grace,
      terminationGracePeriodMs: config.terminationGracePeriod,
      probePeriodMs: config.probePeriod,
      probeTimeoutMs: config.probeTimeout,
    },
    limits: sources.limits,
    health: sources.health,
    orphans: sources.orphans,
    log: { droppedLines: sources.droppedLines },
  };
}

/** How each named check stands, for each of its tags. */
function checksOf({ config, checks, now }: StatusSources): readonly Readonly<Record<string, unknown>>[] {
  const standingOf = (name: string, tag: ProbeName): Readonly<Record<string, unknown>> => {
    const found = checks(tag).find((check) => check.name === name);
    if (found === undefined) return { kind: 'not probed' };
    return { ...found.standing, changedAgoMs: Math.round(now - found.changedAt) };
  };
  return config.checks.map(({ name, tags, probe, degraded }) => ({
    name,
    probe: describeProbe(probe),
    degraded,
    ...Object.fromEntries(tags.map((tag) => [tag, standingOf(name, tag)])),
  }));
}

/** Present from the first back-off or restart on. */
function restartsOf(state: State, now: Milliseconds): Readonly<Record<string, unknown>> {
  const { total } = state.restarts;
  if (state.kind === 'backingOff') return { restarts: total, restartInMs: Math.round(state.resumesAt - now) };
  return total === 0 ? {} : { restarts: total };
}

/** Present when the app has ended, and was not started again. */
function endOf(state: State): Readonly<Record<string, unknown>> {
  if (state.kind === 'exited') return { ended: { exitCode: state.code } };
  const end = 'ended' in state ? state.ended : 'end' in state ? state.end : null;
  if (end === null) return {};
  const { cause, exit } = end;
  const how = exit === undefined ? {} : exit.kind === 'code' ? { code: exit.code } : { signal: exit.signal };
  return { ended: { cause, ...how } };
}

const POST_MORTEM = [
  ['on-unlive', 'onUnlive'],
  ['before-kill', 'beforeKill'],
  ['on-memory', 'onMemory'],
] as const;

/** How each post-mortem hook stands in this life of the app; `waiting`: it has not begun. */
function postMortemOf(state: State, { config, verdicts, now }: StatusSources): Readonly<Record<string, unknown>> {
  const hooks = POST_MORTEM.filter(([, option]) => config[option] !== null);
  if (hooks.length === 0) return {};
  const standings = 'postMortems' in state ? state.postMortems : {};
  const each = hooks.map(([hook]) => {
    const standing = standings[hook];
    if (standing === undefined) return [hook, { kind: 'waiting' }];
    const { since, kind, ...more } = standing;
    const { endsAt = null, ...told } = { ...more } as { endsAt?: Milliseconds };
    const agoMs = Math.round(now - since);
    return [hook, { kind, agoMs, ...(endsAt === null ? {} : { endsInMs: Math.round(endsAt - now) }), ...told }];
  });
  const isHeld = state.kind === 'running' && verdicts.live.kind === 'ok' && state.standings.live.kind === 'failing';
  return {
    hooks: Object.fromEntries(each),
    // Why /livez passes although the probe fails.
    ...(isHeld ? { livenessHeldBy: 'on-unlive' } : {}),
  };
}

/** What the before-kill hook adds to the time until SIGKILL. */
function hookTime({ beforeKill, hookTimeout }: Config): Milliseconds {
  return beforeKill === null ? 0 : hookTimeout;
}

function shutdownOf(state: State, config: Config, now: Milliseconds): Readonly<Record<string, unknown>> {
  const inMs = (at: Milliseconds): number => Math.round(at - now);
  switch (state.kind) {
    case 'preStop':
      return { shutdown: { cause: state.shutdown.cause } };
    case 'delaying': {
      const { shutdown, delayEndsAt, traffic } = state;
      return { shutdown: { cause: shutdown.cause, signalInMs: inMs(delayEndsAt), ...connectionsOf(traffic, now) } };
    }
    case 'draining': {
      const { shutdown, skipped, limitEndsAt, traffic } = state;
      return {
        shutdown: {
          cause: shutdown.cause,
          delaySkipped: skipped,
          signalInAtMostMs: inMs(limitEndsAt),
          ...connectionsOf(traffic, now),
        },
      };
    }
    case 'stopping':
    case 'beforeKill':
    case 'killing': {
      const { shutdown, skipped, waited } = state;
      return {
        shutdown: {
          cause: shutdown.cause,
          delaySkipped: skipped,
          ...(waited === null ? {} : { waitEnded: waited.ended, ...connectionsOf(waited.traffic, now) }),
          ...(state.kind === 'stopping' ? { killInMs: inMs(state.graceEndsAt) + hookTime(config) } : {}),
          ...(state.kind === 'beforeKill' ? { killInMs: inMs(state.killAt) } : {}),
        },
      };
    }
    case 'preparing':
    case 'aborting':
    case 'running':
    case 'findingLeftovers':
    case 'stoppingLeftovers':
    case 'killingLeftovers':
    case 'backingOff':
    case 'postExit':
    case 'exited':
      return {};
  }
}

function connectionsOf(traffic: Traffic, now: Milliseconds): Readonly<Record<string, unknown>> {
  switch (traffic.kind) {
    case 'not counted':
      return {};
    case 'uncountable':
      return { connections: { notCountedBecause: traffic.reason } };
    case 'counted': {
      const { open, busy, arrivedAt } = traffic;
      return {
        connections: { busy, idle: open - busy, newestAgoMs: arrivedAt === null ? null : Math.round(now - arrivedAt) },
      };
    }
  }
}
