import type { Event } from '../../../src/lifecycle/event.ts';
import type { Policy } from '../../../src/lifecycle/policy.ts';
import {
  type AppEnd,
  initialStandings,
  type PostMortems,
  type Shutdown,
  type Standings,
  type State,
  type Timeline,
} from '../../../src/lifecycle/state.ts';

/** Signal numbers of Linux on x86-64 and arm64. */
export const HUP = 1;
export const INT = 2;
export const QUIT = 3;
export const KILL = 9;
export const USR1 = 10;
export const TERM = 15;
export const CONT = 18;
export const WINCH = 28;

/** The defaults of the options, with the changes of a test. */
export function policyWith(changes: Partial<Policy> = {}): Policy {
  return {
    shutdownDelay: 5_000,
    shutdownDelaySource: 'default',
    drainConnections: 0,
    drainConnectionsSource: 'chosen',
    grace: 20_000,
    stopOn: new Set([TERM, INT]),
    stopSignal: null,
    drainSignal: null,
    rewrite: new Map(),
    remapExit: new Map(),
    readinessOnDrain: 'fail',
    keyboard: 'none',
    terminalLoss: 'stops',
    awaitsDependencies: false,
    hooks: new Set(),
    postMortem: new Set(),
    hookTimeout: 10_000,
    restart: 'never',
    restartLimit: null,
    onChange: { kind: 'signal', signal: HUP },
    onResize: null,
    ...changes,
  };
}

export const POLICIES: readonly Policy[] = [
  policyWith(),
  policyWith({
    keyboard: 'escalates',
    readinessOnDrain: 'keep',
    shutdownDelaySource: 'chosen',
    drainConnections: 10_000,
  }),
  policyWith({ shutdownDelay: 0, drainConnections: 10_000, drainConnectionsSource: 'default' }),
  policyWith({ keyboard: 'shared', stopSignal: QUIT, shutdownDelay: 0, remapExit: new Map([[143, 0]]) }),
  policyWith({ stopOn: new Set(), rewrite: new Map([[HUP, 0]]), grace: 0, terminalLoss: 'ignored' }),
  policyWith({
    hooks: new Set(['pre-start', 'pre-stop', 'post-exit']),
    awaitsDependencies: true,
    keyboard: 'escalates',
  }),
  policyWith({ restart: 'always', onChange: { kind: 'restart' }, onResize: { kind: 'signal', signal: USR1 } }),
  policyWith({ restart: 'on-failure', restartLimit: 1, onChange: { kind: 'exec' }, onResize: { kind: 'restart' } }),
  policyWith({ onResize: { kind: 'exec' } }),
  policyWith({ postMortem: new Set(['on-unlive', 'before-kill', 'on-memory']), keyboard: 'escalates' }),
];

export const HEALTHY: Standings = {
  startup: { kind: 'passing' },
  ready: { kind: 'passing' },
  live: { kind: 'passing' },
};

/** Every state below was entered at 1000 and has its deadline at 2000. */
export const BEFORE = 1_500;
export const DUE = 2_000;

const timeline: Timeline = [
  { phase: 'preparing', at: 0 },
  { phase: 'running', at: 1_000 },
];
const shutdown: Shutdown = { cause: { kind: 'signal', signal: TERM }, stopSignal: TERM, ctrlCCount: 1 };
const pressed: Shutdown = { cause: { kind: 'signal', signal: INT }, stopSignal: INT, ctrlCCount: 2 };
const changed: Shutdown = { cause: { kind: 'change', path: '/etc/config' }, stopSignal: TERM, ctrlCCount: 1 };
const life = { timeline, restarts: { total: 0, consecutive: 0 } };
const uncounted = { kind: 'not counted' } as const;
const busy = { kind: 'counted', open: 3, busy: 2, arrivedAt: 1_400 } as const;
const ended = {
  exit: { kind: 'code', code: 0 },
  cause: 'stopped',
  fault: null,
  stopSignal: TERM,
  leftoverGraceEndsAt: DUE,
  passedOn: null,
  next: 'exit',
} as const;
const ENDS: readonly AppEnd[] = [
  ended,
  { ...ended, next: 'restart' },
  { ...ended, cause: 'exited', next: 'by restart policy' },
];
const none = { postMortems: {} } as const;
const dumping: PostMortems = { 'before-kill': { kind: 'runs', since: 1_000, endsAt: DUE } };
const UNLIVE: Standings = { ...HEALTHY, live: { kind: 'failing', cause: 'failed', reason: 'it hangs' } };
const UNDER_WAY: PostMortems = {
  'on-unlive': { kind: 'runs', since: 1_000, endsAt: DUE },
  'on-memory': { kind: 'writing', since: 1_000, endsAt: DUE, account: 'sent SIGQUIT' },
};
const leftover = { pid: 77, group: 1, program: 'leftover', permitted: true };

export type Kind = State['kind'];

/** At least one value of each state, and more where its data makes a difference. */
export const STATES: { readonly [K in Kind]: readonly Extract<State, { kind: K }>[] } = {
  preparing: [
    { kind: 'preparing', stage: 'begin', held: [], ...life },
    { kind: 'preparing', stage: 'dependencies', held: [], ...life },
    { kind: 'preparing', stage: 'pre-start', held: [HUP], ...life },
    { kind: 'preparing', stage: 'spawn', held: [HUP, USR1], ...life, restarts: { total: 2, consecutive: 1 } },
  ],
  aborting: [{ kind: 'aborting', signal: TERM, killAt: DUE, ...life }],
  running: [
    { kind: 'running', standings: initialStandings, ...none, passedOn: null, ...life },
    { kind: 'running', standings: HEALTHY, ...none, passedOn: { signal: HUP, at: 1_200, cause: 'received' }, ...life },
    {
      kind: 'running',
      standings: UNLIVE,
      ...none,
      passedOn: null,
      ...life,
    },
    { kind: 'running', standings: UNLIVE, postMortems: UNDER_WAY, passedOn: null, ...life },
  ],
  preStop: [
    { kind: 'preStop', standings: HEALTHY, ...none, shutdown, ...life },
    { kind: 'preStop', standings: HEALTHY, ...none, shutdown: changed, ...life },
  ],
  delaying: [
    {
      kind: 'delaying',
      standings: HEALTHY,
      ...none,
      shutdown,
      delayEndsAt: DUE,
      sayBy: null,
      traffic: uncounted,
      ...life,
    },
    {
      kind: 'delaying',
      standings: HEALTHY,
      ...none,
      shutdown: pressed,
      delayEndsAt: DUE + 10,
      sayBy: DUE,
      traffic: busy,
      ...life,
    },
  ],
  draining: [
    {
      kind: 'draining',
      standings: HEALTHY,
      ...none,
      shutdown,
      skipped: null,
      stage: 'waiting',
      deadline: DUE,
      limitEndsAt: DUE,
      graceEndsAt: DUE + 1_000,
      traffic: busy,
      ...life,
    },
    {
      kind: 'draining',
      standings: HEALTHY,
      ...none,
      shutdown: pressed,
      skipped: 'no delay',
      stage: 'counting',
      deadline: DUE,
      limitEndsAt: DUE + 1_000,
      graceEndsAt: DUE + 2_000,
      traffic: uncounted,
      ...life,
    },
  ],
  stopping: [
    { kind: 'stopping', standings: HEALTHY, ...none, shutdown, skipped: null, waited: null, graceEndsAt: DUE, ...life },
    {
      kind: 'stopping',
      standings: HEALTHY,
      ...none,
      shutdown: pressed,
      skipped: null,
      waited: null,
      graceEndsAt: DUE,
      ...life,
    },
  ],
  beforeKill: [
    {
      kind: 'beforeKill',
      standings: HEALTHY,
      postMortems: dumping,
      shutdown,
      skipped: null,
      waited: null,
      killAt: DUE,
      ...life,
    },
    {
      kind: 'beforeKill',
      standings: HEALTHY,
      postMortems: { 'before-kill': { kind: 'writing', since: 1_000, endsAt: DUE, account: 'sent SIGQUIT' } },
      shutdown: pressed,
      skipped: null,
      waited: null,
      killAt: DUE,
      ...life,
    },
  ],
  killing: [
    { kind: 'killing', standings: HEALTHY, ...none, shutdown, skipped: null, waited: null, killEndsAt: DUE, ...life },
  ],
  findingLeftovers: ENDS.map((each) => ({ kind: 'findingLeftovers', ended: each, ...life })),
  stoppingLeftovers: ENDS.map((each) => ({ kind: 'stoppingLeftovers', ended: each, ...life })),
  killingLeftovers: ENDS.map((each) => ({ kind: 'killingLeftovers', ended: each, killEndsAt: DUE, ...life })),
  backingOff: [{ kind: 'backingOff', end: { cause: 'exited', exit: ended.exit }, resumesAt: DUE, ...life }],
  postExit: [{ kind: 'postExit', end: { cause: 'exited', exit: ended.exit }, ...life }],
  exited: [{ kind: 'exited', code: 0, ...life }],
};

type Happened = Event extends infer E ? (E extends Event ? Omit<E, 'at'> : never) : never;

/** Every event, in each form that the state machine may handle differently. Each is tried before and after the deadline. */
/** What every count says of the kernel's times: here they are known. */
const times = (certain: number) => ({ timed: true, certain }) as const;

export const EVENTS: { readonly [T in Event['type']]: readonly Extract<Happened, { type: T }>[] } = {
  begun: [{ type: 'begun' }],
  spawned: [{ type: 'spawned', pid: 7 }],
  spawnFailed: [
    { type: 'spawnFailed', failure: { code: 'ENOENT', detail: 'no such file' } },
    { type: 'spawnFailed', failure: { code: 'EACCES', detail: 'not executable' } },
  ],
  signalReceived: [TERM, INT, HUP, USR1, WINCH].map((signal) => ({ type: 'signalReceived', signal })),
  terminalLost: [HUP, CONT].map((signal) => ({ type: 'terminalLost', signal })),
  standingChanged: (['startup', 'ready', 'live'] as const).flatMap((probe) => [
    { type: 'standingChanged', probe, standing: { kind: 'passing' } },
    { type: 'standingChanged', probe, standing: { kind: 'passing', ports: [80] } },
    { type: 'standingChanged', probe, standing: { kind: 'failing', cause: 'failed', reason: 'it does not answer' } },
    { type: 'standingChanged', probe, standing: { kind: 'pending', cause: 'failed', reason: 'nothing listens' } },
  ]),
  listenersCounted: ([0, 2, 'unknown'] as const).map((count) => ({ type: 'listenersCounted', count })),
  connectionsCounted: [
    { type: 'connectionsCounted', count: { kind: 'counted', open: 4, busy: 1, inFlight: 1, arrived: 0, ...times(1) } },
    { type: 'connectionsCounted', count: { kind: 'counted', open: 4, busy: 0, inFlight: 0, arrived: 1, ...times(0) } },
    { type: 'connectionsCounted', count: { kind: 'counted', open: 4, busy: 0, inFlight: 0, arrived: 0, ...times(0) } },
    { type: 'connectionsCounted', count: { kind: 'uncountable', reason: 'it may not be read' } },
  ],
  deadlinePassed: [{ type: 'deadlinePassed' }],
  childExited: [
    { type: 'childExited', exit: { kind: 'code', code: 3 } },
    { type: 'childExited', exit: { kind: 'signal', signal: KILL } },
  ],
  leftoversFound: [
    { type: 'leftoversFound', leftovers: [] },
    { type: 'leftoversFound', leftovers: [leftover] },
  ],
  leftoversGone: [{ type: 'leftoversGone' }],
  dependenciesMet: [{ type: 'dependenciesMet' }],
  dependenciesMissing: [{ type: 'dependenciesMissing', detail: 'tcp://db:5432 (refused)' }],
  hookEnded: (['pre-start', 'pre-stop', 'post-exit', 'on-change', 'on-resize'] as const).flatMap((hook) => [
    { type: 'hookEnded', hook, failure: null },
    { type: 'hookEnded', hook, failure: 'it exited with 1' },
  ]),
  postMortemEnded: (['on-unlive', 'before-kill', 'on-memory'] as const).flatMap((hook) => [
    { type: 'postMortemEnded', hook, result: { kind: 'done', account: 'jcmd: written' } },
    { type: 'postMortemEnded', hook, result: { kind: 'sent', signal: QUIT, account: 'sent SIGQUIT to java' } },
    { type: 'postMortemEnded', hook, result: { kind: 'failed', failure: 'it exited with 1' } },
  ]),
  signalSent: [
    { type: 'signalSent', signal: HUP, cause: 'on-change', received: null },
    { type: 'signalSent', signal: CONT, cause: 'received', received: CONT },
  ],
  memoryHigh: [{ type: 'memoryHigh', reason: 'memory is at 92 % of its limit' }],
  mountChanged: [{ type: 'mountChanged', path: '/etc/config' }],
  resizeSettled: [{ type: 'resizeSettled' }],
  faulted: [{ type: 'faulted', fault: { room: 'process', message: 'it broke' } }],
};
