import fc from 'fast-check';
import type { ConnectionCount } from '../../../src/lifecycle/event.ts';
import type { Policy } from '../../../src/lifecycle/policy.ts';
import type { Exit, HookName, PostMortemHook, Signal } from '../../../src/lifecycle/state.ts';
import { CONT, HUP, INT, QUIT, TERM, USR1, WINCH } from './examples.ts';
import type { ExternalEvent, Scenario } from './simulation.ts';

const signal: fc.Arbitrary<Signal> = fc.constantFrom(TERM, INT, HUP, QUIT, USR1, WINCH);
const exit: fc.Arbitrary<Exit> = fc.oneof(
  fc.record({ kind: fc.constant('code' as const), code: fc.constantFrom(0, 1, 7, 143, 255) }),
  fc.record({ kind: fc.constant('signal' as const), signal }),
);
/** Times that often coincide: at once, near the deadlines, long after them. */
const time: fc.Arbitrary<number> = fc.oneof(fc.constantFrom(0, 3, 6), fc.nat(200), fc.nat(60_000));

export const policies: fc.Arbitrary<Policy> = fc
  .record({
    shutdownDelay: fc.constantFrom(0, 10, 100, 5_000),
    shutdownDelaySource: fc.constantFrom('default' as const, 'chosen' as const),
    drainConnections: fc.constantFrom(0, 0, 10, 100, 5_000),
    drainConnectionsSource: fc.constantFrom('default' as const, 'chosen' as const),
    grace: fc.constantFrom(0, 10, 100, 20_000),
    stopOn: fc.subarray([TERM, INT, HUP, QUIT]).map((signals) => new Set(signals)),
    stopSignal: fc.constantFrom(null, null, TERM, QUIT),
    drainSignal: fc.constantFrom(null, null, QUIT),
    rewrite: fc
      .uniqueArray(fc.tuple(signal, fc.constantFrom(0, TERM, QUIT, HUP)), { selector: ([from]) => from, maxLength: 3 })
      .map((pairs) => new Map(pairs)),
    remapExit: fc.constantFrom(
      new Map(),
      new Map([
        [143, 0],
        [7, 9],
      ]),
    ),
    readinessOnDrain: fc.constantFrom('fail' as const, 'keep' as const),
    terminalLoss: fc.constantFrom('stops' as const, 'ignored' as const),
    keyboard: fc.constantFrom('none' as const, 'escalates' as const, 'shared' as const),
    awaitsDependencies: fc.boolean(),
    hooks: fc.subarray(['pre-start', 'pre-stop', 'post-exit'] as const).map((names) => new Set<HookName>(names)),
    postMortem: fc
      .subarray(['on-unlive', 'before-kill', 'on-memory'] as const)
      .map((names) => new Set<PostMortemHook>(names)),
    hookTimeout: fc.constantFrom(1, 10_000),
    restart: fc.constantFrom('never' as const, 'never' as const, 'on-failure' as const, 'always' as const),
    restartLimit: fc.constantFrom(null, 0, 1, 3),
    onChange: fc.constantFrom(
      { kind: 'signal' as const, signal: HUP },
      { kind: 'restart' as const },
      { kind: 'exec' as const },
    ),
    onResize: fc.constantFrom(
      null,
      { kind: 'signal' as const, signal: HUP },
      { kind: 'restart' as const },
      { kind: 'exec' as const },
    ),
  })
  // Dropping a stop signal is a mistake of the configuration.
  .map((policy) => ({
    ...policy,
    // Config: the drain is a part of the grace, of which some is left for the app.
    grace: policy.drainConnections === 0 ? policy.grace : Math.max(policy.grace, policy.drainConnections + 10),
    rewrite: new Map([...policy.rewrite].filter(([from, to]) => to !== 0 || !policy.stopOn.has(from))),
  }));

const standing = fc.constantFrom(
  { kind: 'passing' as const },
  { kind: 'failing' as const, cause: 'failed' as const, reason: 'it does not answer' },
  { kind: 'pending' as const, cause: 'failed' as const, reason: 'nothing listens' },
);
const externalEvent: fc.Arbitrary<ExternalEvent> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant('signalReceived' as const), signal }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('terminalLost' as const), signal: fc.constantFrom(HUP, CONT) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('standingChanged' as const),
      probe: fc.constantFrom('startup' as const, 'ready' as const, 'live' as const),
      standing,
    }),
  },
  { weight: 2, arbitrary: fc.constant({ type: 'deadlinePassed' as const }) },
  { weight: 2, arbitrary: fc.constant({ type: 'mountChanged' as const, path: '/etc/config' }) },
  { weight: 2, arbitrary: fc.constant({ type: 'resizeSettled' as const }) },
  { weight: 2, arbitrary: fc.constant({ type: 'memoryHigh' as const, reason: 'memory is at 92 % of its limit' }) },
  {
    weight: 1,
    arbitrary: fc.constant({ type: 'faulted' as const, fault: { room: 'process', message: 'it broke' } }),
  },
);
const connectionCount: fc.Arbitrary<ConnectionCount> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .record({
        ...{ open: fc.nat(3), busy: fc.nat(3), inFlight: fc.nat(3), arrived: fc.constantFrom(0, 0, 0, 1) },
        ...{ timed: fc.boolean(), certain: fc.nat(3) },
      })
      .map(({ open, busy, inFlight, arrived, timed, certain }) => ({
        kind: 'counted' as const,
        open: Math.max(open, busy),
        busy,
        inFlight: Math.min(inFlight, busy),
        arrived,
        timed,
        certain: Math.min(certain, inFlight, busy),
      })),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'uncountable' as const, reason: 'it may not be read' }) },
);
const external = fc.array(fc.record({ at: time, what: externalEvent }), { maxLength: 12 });
/** Half of the apps become ready, so that half of the shutdowns have a delay. */
const becomesReady = fc.boolean().map((ready): Scenario['external'] => {
  if (!ready) return [];
  const passing = { kind: 'passing' as const };
  return [
    { at: 0, what: { type: 'standingChanged', probe: 'startup', standing: passing } },
    { at: 1, what: { type: 'standingChanged', probe: 'startup', standing: passing } },
    { at: 2, what: { type: 'standingChanged', probe: 'ready', standing: passing } },
  ];
});

export const scenarios: fc.Arbitrary<Scenario> = fc
  .record({
    spawn: fc.oneof(
      { weight: 10, arbitrary: fc.constant('runs' as const) },
      { weight: 1, arbitrary: fc.constantFrom('ENOENT' as const, 'EACCES' as const) },
    ),
    stopsAfter: fc.option(fc.constantFrom(0, 5, 50, 30_000)),
    exit,
    exitsAfter: fc.option(time, { freq: 2 }),
    listeners: fc.constantFrom(0, 1, 'unknown' as const),
    traffic: fc.array(connectionCount, { maxLength: 20 }),
    leftovers: fc.nat(2),
    leftoversStop: fc.boolean(),
    leftoversDie: fc.boolean(),
    dies: fc.boolean(),
    dependencies: fc.constantFrom(0, 20, null),
    hook: fc.record({ takes: fc.constantFrom(0, 30, 1_000, 10_000), fails: fc.boolean() }),
    postMortem: fc.constantFrom('done' as const, 'sent' as const, 'failed' as const, 'hangs' as const),
    dumpEndsApp: fc.boolean(),
    lateness: fc.constantFrom(0, 1, 40, 10_000),
    external,
    becomesReady,
  })
  .map(({ becomesReady: first, ...scenario }) => ({ ...scenario, external: [...first, ...scenario.external] }));
