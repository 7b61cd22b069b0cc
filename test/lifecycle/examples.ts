import {
  type Event,
  initialStandings,
  type Policy,
  type Shutdown,
  type Standings,
  type State,
  type Timeline,
} from '../../src/lifecycle/state.ts';

/** Signals by number, as the machine knows them. */
export const HUP = 1;
export const INT = 2;
export const QUIT = 3;
export const KILL = 9;
export const USR1 = 10;
export const TERM = 15;
export const CONT = 18;
export const WINCH = 28;

/** The defaults of the contract, and what a test changes of them. */
export function policyWith(changes: Partial<Policy> = {}): Policy {
  return {
    shutdownDelay: 5_000,
    shutdownDelaySource: 'default',
    grace: 20_000,
    stopOn: new Set([TERM, INT]),
    stopSignal: null,
    rewrite: new Map(),
    remapExit: new Map(),
    readinessOnDrain: 'fail',
    keyboard: 'none',
    terminalLoss: 'stops',
    ...changes,
  };
}

export const POLICIES: readonly Policy[] = [
  policyWith(),
  policyWith({ keyboard: 'escalates', readinessOnDrain: 'keep', shutdownDelaySource: 'chosen' }),
  policyWith({ keyboard: 'shared', stopSignal: QUIT, shutdownDelay: 0, remapExit: new Map([[143, 0]]) }),
  policyWith({ stopOn: new Set(), rewrite: new Map([[HUP, 0]]), grace: 0, terminalLoss: 'is nothing' }),
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
const shutdown: Shutdown = { cause: { kind: 'signal', signal: TERM }, stopSignal: TERM, presses: 1 };
const pressed: Shutdown = { cause: { kind: 'signal', signal: INT }, stopSignal: INT, presses: 2 };
const ended = {
  exit: { kind: 'code', code: 0 },
  cause: 'stopped',
  fault: null,
  stopSignal: TERM,
  sweepEndsAt: DUE,
  passedOn: null,
} as const;
const leftover = { pid: 77, group: 1, program: 'straggler' };

export type Kind = State['kind'];

/** At least one of each of the nine states; more where what is in it makes a difference. */
export const STATES: { readonly [K in Kind]: readonly Extract<State, { kind: K }>[] } = {
  preparing: [
    { kind: 'preparing', held: [], timeline },
    { kind: 'preparing', held: [HUP, USR1], timeline },
  ],
  running: [
    { kind: 'running', standings: initialStandings, passedOn: null, timeline },
    { kind: 'running', standings: HEALTHY, passedOn: { signal: HUP, at: 1_200 }, timeline },
    {
      kind: 'running',
      standings: { ...HEALTHY, live: { kind: 'failing', reason: 'it hangs' } },
      passedOn: null,
      timeline,
    },
  ],
  draining: [
    { kind: 'draining', standings: HEALTHY, shutdown, pauseEndsAt: DUE, timeline },
    { kind: 'draining', standings: HEALTHY, shutdown: pressed, pauseEndsAt: DUE, timeline },
  ],
  stopping: [
    { kind: 'stopping', standings: HEALTHY, shutdown, graceEndsAt: DUE, timeline },
    { kind: 'stopping', standings: HEALTHY, shutdown: pressed, graceEndsAt: DUE, timeline },
  ],
  killing: [{ kind: 'killing', standings: HEALTHY, shutdown, timeline }],
  inspecting: [{ kind: 'inspecting', ended, timeline }],
  sweeping: [{ kind: 'sweeping', ended, timeline }],
  purging: [{ kind: 'purging', ended, purgeEndsAt: DUE, timeline }],
  exited: [{ kind: 'exited', code: 0, timeline }],
};

type Happened = Event extends infer E ? (E extends Event ? Omit<E, 'at'> : never) : never;

/** Every event, in each form that the machine may tell apart. Each is tried before and after the deadline. */
export const HAPPENINGS: { readonly [T in Event['type']]: readonly Extract<Happened, { type: T }>[] } = {
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
    { type: 'standingChanged', probe, standing: { kind: 'failing', reason: 'it does not answer' } },
    { type: 'standingChanged', probe, standing: { kind: 'pending', reason: 'nothing listens' } },
  ]),
  listenersCounted: ([0, 2, 'unknown'] as const).map((count) => ({ type: 'listenersCounted', count })),
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
  faulted: [{ type: 'faulted', fault: { room: 'process', message: 'it broke' } }],
};
