import type { Notice, SignalOutcome } from '../lifecycle/notice.ts';
import type { SkipReason, Waited } from '../lifecycle/state.ts';

/**
 * Values of log fields and what they mean, for docs/reference.md. A value without its meaning does not compile. Nothing loads it
 * at run time.
 */

/** `outcome` of `signal`. */
export const SIGNAL_OUTCOMES: Readonly<Record<SignalOutcome['kind'], string>> = {
  stops: 'it begins the shutdown',
  repeated: 'a shutdown is under way already, so it changes nothing',
  'passed on': 'it was sent to the app; `as` names the signal that the app got',
  held: 'the app does not run yet: it is passed on once the app runs and catches it',
  dropped: '`--rewrite` maps it to 0, or there is no app to pass it on to',
  'from the keyboard': 'the terminal has sent it to the app already, so it is not passed on',
  'terminal lost':
    'it was sent only because the terminal was lost: the shutdown begins, or nothing happens where k8s-run is not on that terminal',
};

/** `delaySkipped` of `stopping`. */
export const SKIP_REASONS: Readonly<Record<SkipReason, string>> = {
  'no delay': '`--shutdown-delay 0`',
  'never ready': 'the app never became ready, so no requests were sent to it',
  'not alive': 'its live probe fails, so it cannot serve',
  'listens on nothing':
    'it has no port and `--shutdown-delay` was not set: a worker or a Job, to which nobody sends requests',
  'second Ctrl-C': 'the second Ctrl-C on a terminal ends the delay',
  fault: 'a bug in k8s-run ended the app',
};

/** `waitEnded` of `stopping`. */
export const DRAIN_ENDS: Readonly<Record<NonNullable<Waited>['ended'], string>> = {
  'none busy': 'no connection was busy, and no new one had come in for a second',
  'none in flight': 'shortly before the limit there was a moment without a request in flight',
  limit: 'the limit of `--drain-connections` was reached; `busyConnections` may have requests in flight',
};

/** `why` of `killing`. */
export const KILL_REASONS: Readonly<
  Record<Extract<Notice, { event: 'killing' }>['why'] | 'no effect' | 'leftovers', string>
> = {
  'grace over': 'the app has not exited within `--grace`',
  'third Ctrl-C': 'Ctrl-C was pressed a third time on a terminal; what began the shutdown counts as the first',
  'no effect': 'the app is still there a second after SIGKILL, and k8s-run exits without it',
  leftovers: 'the leftovers have not exited within the rest of the grace',
};
