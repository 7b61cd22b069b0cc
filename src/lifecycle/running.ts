import type { Event } from './event.ts';
import { noteHookEnd } from './hook-result.ts';
import { appExited } from './leftovers.ts';
import type { Policy } from './policy.ts';
import { beginShutdown } from './pre-stop.ts';
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
      return whenStandingChanged(state, event);
    case 'childExited': {
      const cause = event.exit.kind === 'code' ? 'exited' : 'signalled';
      const stopSignal = stopSignalFor(SIGTERM, policy);
      return appExited(state, event, { cause, stopSignal, passedOn: state.passedOn, next: 'by restart policy' });
    }
    case 'mountChanged':
      return whenMountChanged(state, event, policy);
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
  return [reached ? { ...state, passedOn: { signal, at } } : state, effects];
}

/** The ready and live probes start when the startup probe has passed, which then stops. */
function whenStandingChanged(state: Running, event: Event & { type: 'standingChanged' }): Step<Running> {
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
  return [next, [say({ event: 'unlive', reason: standing.reason })]];
}

/** With `--on-change restart` the app is stopped as in any shutdown, and started again when it is gone. */
function whenMountChanged(state: Running, { path, at }: Event & { type: 'mountChanged' }, policy: Policy): Step {
  const { onChange } = policy;
  const signal = onChange.kind === 'signal' ? onChange.signal : null;
  const changed = say({ event: 'changed', path, signal });
  switch (onChange.kind) {
    case 'signal':
      return [state, [{ type: 'passOn', signal: onChange.signal }, changed]];
    case 'exec': {
      const runs = say({ event: 'hook', hook: 'on-change', outcome: { kind: 'runs' } });
      return [state, [changed, runs, { type: 'runHook', hook: 'on-change' }]];
    }
    case 'restart':
      return beginShutdown(state, { at, policy, cause: { kind: 'change', path }, notice: changed });
  }
}
