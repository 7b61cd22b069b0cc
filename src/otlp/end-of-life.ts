import type { Exit } from '../lifecycle/state.ts';
import { attributesOf, type SpanAttributes } from './span.ts';

/** How a life has ended: what `exited` or `restarting` says. */
export type LifeEnd = { readonly msg: string; readonly facts: Readonly<Record<string, unknown>> };

/** What a shell makes of the signal that ended a program: 128 + n. */
const BY_SIGNAL = 128;

/**
 * Why the life counts as an error; null: it does not. An app that ends after its stop signal, by that signal or with a code that names one,
 * has done what it was asked. After the end of its grace it has not.
 */
export function errorOf({ msg, facts }: LifeEnd): string | null {
  const { cause, code, sender } = facts;
  if (cause === 'stopped before start') return null;
  if (cause === 'stopped') return code === 0 || sender === 'k8s-run' || Number(code) > BY_SIGNAL ? null : msg;
  if (cause === 'exited' || cause === 'signalled') return code === 0 ? null : msg;
  return msg;
}

/** The same for a life that a restart in place has ended; that of a change of a file or of the container is none. */
export function errorOfRestart({ msg, facts }: LifeEnd, level: string): string | null {
  return level === 'info' || facts['code'] === 0 ? null : msg;
}

/** `phases` are spans of their own. */
export function endAttributes({ facts }: LifeEnd, exit: Exit | null): SpanAttributes {
  const { phases: _, program: __, ...rest } = facts;
  return { ...attributesOf(rest), ...(exit?.kind === 'code' ? { 'process.exit.code': exit.code } : {}) };
}
