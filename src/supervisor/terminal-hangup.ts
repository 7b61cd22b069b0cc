import { constants } from 'node:os';
import type { Clock } from '../clock.ts';
import type { Policy } from '../lifecycle/policy.ts';
import type { Signal } from '../lifecycle/state.ts';
import { controllingTerminal } from '../linux/terminal.ts';

const { SIGHUP, SIGCONT } = constants.signals;
/** Milliseconds. The kernel sends HUP and CONT when a terminal is lost, and so may a shell: those within this time belong together. */
const HANGUP_WINDOW = 1_000;

export type HangupSignals = { readonly tellsOfLostTerminal: (signal: Signal) => boolean };

/**
 * Tells a HUP or CONT that says only that the terminal is lost (the window closed, the connection gone, the pane killed:
 * setsid(2), SIGHUP in signal(7)) from one that somebody sent on purpose; afterwards both count as sent on purpose again. The
 * terminal is looked at once at the start, and again only when one of the two arrives; any other signal costs a comparison.
 */
export function hangupSignals(clock: Pick<Clock, 'now'>, { stopOn }: Pick<Policy, 'stopOn'>): HangupSignals {
  // Where no signal starts a shutdown this one is passed on as well, because nothing else would end the app.
  if (stopOn.size === 0) return { tellsOfLostTerminal: () => false };
  let terminal = controllingTerminal();
  let lostAt = Number.NEGATIVE_INFINITY;
  return {
    tellsOfLostTerminal(signal) {
      if (signal !== SIGHUP && signal !== SIGCONT) return false;
      if (terminal === 'there') {
        terminal = controllingTerminal();
        if (terminal === 'none') lostAt = clock.now();
        // What cannot be read now may be readable the next time.
        if (terminal === 'unknown') terminal = 'there';
      }
      return clock.now() - lostAt < HANGUP_WINDOW;
    },
  };
}
