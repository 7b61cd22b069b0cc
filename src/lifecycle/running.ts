import type { Event } from './event.ts';
import { noteHookEnd } from './hook-result.ts';
import { appExited } from './leftovers.ts';
import type { ChangeAction, Policy } from './policy.ts';
import { startPostMortem } from './post-mortem.ts';
import { beginShutdown, type ShutdownRequest } from './pre-stop.ts';
import { stopAfterFault, stopSignalFor } from './signal-app.ts';
import type { Milliseconds, Running, Signal } from './state.ts';
import {
  enteredAt,
  fromKeyboard,
  JOB_CONTROL,
  noteSignal,
  noteTerminalLoss,
  otherwise,
  passOn,
  SIGTERM,
  type Step,
  say,
  sayPassedOn,
  stoppedByTerminalLoss,
} from './step.ts';

export function whenRunning(state: Running, event: Event, policy: Policy): Step {
  switch (event.type) {
    case 'signalReceived': {
      const { signal, at } = event;
      if (fromKeyboard(signal, policy) || !policy.stopOn.has(signal)) return relay(state, signal, at, policy);
      const notice = say({ event: 'signal', signal, outcome: { kind: 'stops' } });
      return beginShutdown(state, { at, policy, cause: { kind: 'signal', signal }, notice });
    }
    case 'terminalLost':
      if (policy.terminalLoss === 'ignored') return noteTerminalLoss(state, event.signal);
      if (policy.stopOn.has(event.signal)) return whenRunning(state, { ...event, type: 'signalReceived' }, policy);
      return beginShutdown(state, {
        at: event.at,
        policy,
        cause: { kind: 'terminal' },
        notice: stoppedByTerminalLoss(event.signal),
      });
    case 'standingChanged':
      return whenStandingChanged(state, event, policy);
    case 'childExited': {
      const cause = event.exit.kind === 'code' ? 'exited' : 'signalled';
      const stopSignal = stopSignalFor(SIGTERM, policy);
      return appExited(state, event, { cause, stopSignal, passedOn: state.passedOn, next: 'by restart policy' });
    }
    case 'mountChanged':
      return whenMountChanged(state, event, policy);
    case 'resizeSettled':
      return whenResizeSettled(state, event.at, policy);
    case 'signalSent': {
      const { signal, at, cause } = event;
      return [JOB_CONTROL.has(signal) ? state : { ...state, passedOn: { signal, at, cause } }, sayPassedOn(event)];
    }
    case 'postMortemEnded': {
      const { hook, result, at } = event;
      if (result.kind !== 'sent' || state.postMortems[hook]?.kind !== 'writing') return [state, []];
      return [{ ...state, passedOn: { signal: result.signal, at, cause: hook } }, []];
    }
    case 'hookEnded':
      return noteHookEnd(state, event);
    case 'faulted':
      return stopAfterFault(state, event.at, event.fault, policy);
    default:
      return otherwise(state, event);
  }
}

/** Passes on a signal that starts no shutdown. One that reached the app is noted, because it may explain an exit soon after. */
export function relay(state: Running, signal: Signal, at: Milliseconds, policy: Policy): Step<Running> {
  if (fromKeyboard(signal, policy)) return noteSignal(state, signal, 'from the keyboard');
  const effects = passOn(signal, policy);
  const reached = effects.some((effect) => effect.type === 'passOn') && !JOB_CONTROL.has(signal);
  return [reached ? { ...state, passedOn: { signal, at, cause: 'received' } } : state, effects];
}

/** The ready and live probes start when the startup probe has passed, which then stops. */
function whenStandingChanged(
  state: Running,
  event: Event & { type: 'standingChanged' },
  policy: Policy,
): Step<Running> {
  const { probe, standing } = event;
  const before = state.standings[probe];
  const next: Running = { ...state, standings: { ...state.standings, [probe]: standing } };
  const afterMs = event.at - enteredAt(state, 'running');
  if (standing.kind === before.kind || standing.kind === 'pending') return [next, []];
  if (probe === 'startup') {
    if (standing.kind === 'failing') return [next, []];
    return [
      next,
      [
        { type: 'stopProbe', probe: 'startup' },
        say({ event: 'started', afterMs }),
        { type: 'startProbe', probe: 'ready' },
        { type: 'startProbe', probe: 'live' },
      ],
    ];
  }
  if (probe === 'ready') {
    if (standing.kind === 'passing') return [next, [say({ event: 'ready', afterMs, ports: standing.ports ?? null })]];
    return [next, [say({ event: 'unready', reason: standing.reason })]];
  }
  if (standing.kind === 'passing') return [next, [say({ event: 'live' })]];
  const [unlive, effects] = startPostMortem(next, { hook: 'on-unlive', at: event.at, reason: standing.reason }, policy);
  return [unlive, [say({ event: 'unlive', reason: standing.reason }), ...effects]];
}

function whenMountChanged(state: Running, { path, at }: Event & { type: 'mountChanged' }, policy: Policy): Step {
  const { onChange } = policy;
  const notice = say({ event: 'changed', path, signal: onChange.kind === 'signal' ? onChange.signal : null });
  return act(state, onChange, { at, policy, hook: 'on-change', cause: { kind: 'change', path }, notice });
}

/** During a shutdown, and before the app is started, nothing is done: the app that is started next gets the new limits. */
function whenResizeSettled(state: Running, at: Milliseconds, policy: Policy): Step {
  const { onResize } = policy;
  if (onResize === null) return [state, []];
  const signal = onResize.kind === 'signal' ? onResize.signal : null;
  const notice = say({ event: 'settled', action: onResize.kind, signal });
  return act(state, onResize, { at, policy, hook: 'on-resize', cause: { kind: 'resize' }, notice });
}

type ActOn = ShutdownRequest & { readonly hook: 'on-change' | 'on-resize' };

/** With `restart` the app is stopped as in any shutdown, and started again when it is gone. */
function act(state: Running, action: ChangeAction, { hook, ...change }: ActOn): Step {
  switch (action.kind) {
    case 'signal':
      return [state, [change.notice, { type: 'passOnOnceCaught', signal: action.signal, cause: hook, received: null }]];
    case 'exec':
      return [
        state,
        [change.notice, say({ event: 'hook', hook, outcome: { kind: 'runs' } }), { type: 'runHook', hook }],
      ];
    case 'restart':
      return beginShutdown(state, change);
  }
}
