import { constants } from 'node:os';
import type { Clock } from '../clock.ts';
import type { Policy } from '../lifecycle/policy.ts';
import type { Signal } from '../lifecycle/state.ts';
import { controllingTerminal } from '../linux/terminal.ts';

const { SIGHUP, SIGCONT } = constants.signals;
/**
 * Milliseconds. When a terminal is lost the kernel sends HUP and CONT, and a shell may too; those within this time belong
 * together.
 */
const HANGUP_WINDOW = 1_000;

export type HangupSignals = { readonly isTerminalLoss: (signal: Signal) => boolean };

/**
 * Tells a HUP or CONT that was sent because the terminal was lost (a closed window, a lost connection, a killed pane: setsid(2),
 * SIGHUP in signal(7)) from one that was sent on purpose, as it is again after HANGUP_WINDOW. The terminal is checked once
 * at the start, and again only when one of the two arrives; any other signal costs a comparison.
 */
export function hangupSignals(clock: Pick<Clock, 'now'>, { stopOn }: Pick<Policy, 'stopOn'>): HangupSignals {
  // With --stop-on none HUP is passed on too, because nothing else would end the app.
  if (stopOn.size === 0) return { isTerminalLoss: () => false };
  let terminal = controllingTerminal();
  let lostAt = Number.NEGATIVE_INFINITY;
  return {
    isTerminalLoss(signal) {
      if (signal !== SIGHUP && signal !== SIGCONT) return false;
      if (terminal === 'there') {
        terminal = controllingTerminal();
        if (terminal === 'none') lostAt = clock.now();
        // It could not be opened now; the next signal checks again.
        if (terminal === 'unknown') terminal = 'there';
      }
      return clock.now() - lostAt < HANGUP_WINDOW;
    },
  };
}
