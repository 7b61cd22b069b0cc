import { constants } from 'node:os';
import type { Clock } from '../clock.ts';
import type { UntimedEvent } from '../lifecycle/event.ts';
import type { Policy } from '../lifecycle/policy.ts';
import type { Signal } from '../lifecycle/state.ts';
import { controllingTerminal } from '../linux/terminal.ts';

const { SIGHUP, SIGCONT } = constants.signals;
/** The kernel tells of the loss, and so may a shell, which the kernel then outlives: those belong together. */
const HANGUP_WINDOW = 1_000;

/**
 * Tells a HUP or CONT that merely says that the terminal is lost (the window closed, the connection gone, the pane killed:
 * setsid(2), SIGHUP in signal(7)) from one that somebody sent as an order. Afterwards both are orders again. It looks once
 * at the start, and again only when one of them comes.
 */
export function createHangupClassifier(
  clock: Pick<Clock, 'now'>,
  { stopOn }: Pick<Policy, 'stopOn'>,
): (signal: Signal) => UntimedEvent {
  // Who only passes signals on passes this one on as well: otherwise nobody would end the app.
  if (stopOn.size === 0) return (signal) => ({ type: 'signalReceived', signal });
  let terminal = controllingTerminal();
  let lostAt = Number.NEGATIVE_INFINITY;
  return (signal) => {
    if (signal !== SIGHUP && signal !== SIGCONT) return { type: 'signalReceived', signal };
    if (terminal === 'there') {
      terminal = controllingTerminal();
      if (terminal === 'none') lostAt = clock.now();
      // What cannot be told now may be told the next time.
      if (terminal === 'unknown') terminal = 'there';
    }
    return { type: clock.now() - lostAt < HANGUP_WINDOW ? 'terminalLost' : 'signalReceived', signal };
  };
}
