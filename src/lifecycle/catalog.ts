import type { Phase, ProbeName, State } from './state.ts';

/** What an endpoint answers in a state: 503, 200, or as the standing of its probe is. */
export type EndpointAnswer = 'fails' | 'passes' | 'follows the probe';

/** What the docs say of a state. */
export type StateRow = {
  /** The phase that the state belongs to: the one in which its time is counted. null: the life is over. */
  readonly phase: Phase | null;
  readonly meaning: string;
  /** With `--readiness-on-drain fail`, the default. */
  readonly endpoints: Readonly<Record<ProbeName, EndpointAnswer>>;
};

const NOTHING_YET = { startup: 'fails', ready: 'fails', live: 'passes' } as const;
const SHUTTING_DOWN = { startup: 'follows the probe', ready: 'fails', live: 'passes' } as const;
const GONE = { startup: 'fails', ready: 'fails', live: 'fails' } as const;

/** All states, in the order of a life. A state without a row does not compile. Prose for the docs: nothing loads it at run time. */
export const STATE_ROWS: Readonly<Record<State['kind'], StateRow>> = {
  preparing: {
    phase: 'preparing',
    meaning:
      'signals are caught and the health port is open; `--wait-for`, the pre-start hook and the start of the app follow',
    endpoints: NOTHING_YET,
  },
  aborting: {
    phase: 'preparing',
    meaning: 'a stop signal came during the pre-start hook, which has the grace to end; the app is not started',
    endpoints: NOTHING_YET,
  },
  running: {
    phase: 'running',
    meaning: 'the app runs and is probed; liveness passes while the on-unlive hook (`--on-unlive`) works',
    endpoints: { startup: 'follows the probe', ready: 'follows the probe', live: 'follows the probe' },
  },
  preStop: {
    phase: 'preStop',
    meaning: 'the shutdown has begun, and the pre-stop hook runs',
    endpoints: SHUTTING_DOWN,
  },
  delaying: {
    phase: 'delaying',
    meaning: 'the delay (`--shutdown-delay`): the app still serves and has not been signalled',
    endpoints: SHUTTING_DOWN,
  },
  draining: {
    phase: 'draining',
    meaning: 'the drain (`--drain-connections`): k8s-run waits for requests in flight before it signals the app',
    endpoints: SHUTTING_DOWN,
  },
  stopping: {
    phase: 'stopping',
    meaning: 'the app was sent its stop signal and has the grace (`--grace`) to exit',
    endpoints: SHUTTING_DOWN,
  },
  beforeKill: {
    phase: 'beforeKill',
    meaning: 'the grace is over, and the before-kill hook (`--before-kill`) runs; SIGKILL follows',
    endpoints: SHUTTING_DOWN,
  },
  killing: {
    phase: 'killing',
    meaning: 'the grace, and the before-kill hook where there is one, are over, and the app was sent SIGKILL',
    endpoints: SHUTTING_DOWN,
  },
  findingLeftovers: {
    phase: 'leftovers',
    meaning: 'the app has exited; k8s-run looks for leftovers',
    endpoints: GONE,
  },
  stoppingLeftovers: {
    phase: 'leftovers',
    meaning: 'leftovers were sent the stop signal and have the rest of the grace to exit',
    endpoints: GONE,
  },
  killingLeftovers: {
    phase: 'leftovers',
    meaning: 'leftovers were sent SIGKILL',
    endpoints: GONE,
  },
  backingOff: {
    phase: 'backingOff',
    meaning: 'the app has exited, and is restarted in place when the back-off is over',
    endpoints: NOTHING_YET,
  },
  postExit: {
    phase: 'postExit',
    meaning: 'the app and its leftovers are gone, and the post-exit hook runs',
    endpoints: GONE,
  },
  exited: {
    phase: null,
    meaning: 'k8s-run exits',
    endpoints: GONE,
  },
};
