import type { Leftover } from '../lifecycle/state.ts';
import type { MessageContext } from './message.ts';

/** More are counted, because a line must not grow with their number. */
export const MOST_LISTED = 20;
const MOST_NAMED = 10;

export function leftoverNames(leftovers: readonly Leftover[]): string {
  const names = leftovers.slice(0, MOST_NAMED).map(leftoverName).join(', ');
  return leftovers.length <= MOST_NAMED ? names : `${names} and ${leftovers.length - MOST_NAMED} more`;
}

function leftoverName({ pid, program }: Leftover): string {
  if (pid > 0) return `${program} (${pid})`;
  return `in its process group (${-pid}); without /proc of this PID namespace they cannot be named, and those that left the group are not found`;
}

/** Those that k8s-run may not signal: it exits without them. */
export function refusedText(leftovers: readonly Leftover[]): string {
  const refused = leftovers.filter(({ permitted }) => !permitted);
  if (refused.length === 0) return '';
  const who = refused.length === leftovers.length ? 'none of them' : `not ${leftoverNames(refused)}`;
  return `; k8s-run may signal ${who} (another user, and no CAP_KILL), and exits without waiting for that`;
}

/** The remedy for an app that may have put itself into the background, or a script that started such a server. */
export function foregroundHint(
  program: string,
  leftovers: readonly Leftover[],
  foreground: MessageContext['foreground'],
): string {
  const known = foreground([program, ...leftovers.map((each) => each.program)]);
  return `; if it puts itself into the background, run it in the foreground${known === undefined ? '' : `: ${known}`}`;
}
