import type { Event } from './event.ts';
import type { Policy } from './policy.ts';
import type { Signal, State } from './state.ts';
import { SIGINT, type Step, say } from './step.ts';

/** Logs how a hook ended. */
export function noteHookEnd<S extends State>(state: S, event: Event & { type: 'hookEnded' }): Step<S> {
  const { hook, failure } = event;
  return [
    state,
    [say({ event: 'hook', hook, outcome: failure === null ? { kind: 'done' } : { kind: 'failed', failure } })],
  ];
}

/** Whether this is a Ctrl-C on a laptop's terminal, which ends a running hook at once. */
export function isCtrlC(signal: Signal, policy: Policy): boolean {
  return signal === SIGINT && policy.keyboard === 'escalates' && policy.stopOn.has(SIGINT);
}
