import { type Hook, parseCommand } from '../hook.ts';
import { listOfOne, number, oneOf, type ReadValue, readSignal } from '../values.ts';
import type { Option } from './row.ts';

/** What is done when the content of a watched path, or the container's limits, change. */
export type OnChange =
  | { readonly kind: 'signal'; readonly signal: number }
  | { readonly kind: 'restart' }
  | { readonly kind: 'exec'; readonly hook: Hook };

export const RESTART_OPTIONS: {
  readonly restart: Option<'never' | 'on-failure' | 'always'>;
  readonly restartLimit: Option<number | null>;
  readonly watch: Option<readonly string[]>;
  readonly onChange: Option<OnChange>;
  readonly onResize: Option<OnChange | null>;
} = {
  restart: {
    flag: 'restart',
    takes: '<never|on-failure|always>',
    fallback: 'never',
    group: 'restart',
    help: 'restart in place when the app exits by itself, after 0.5 s, 1 s, 2 s … 30 s; the back-off resets after 60 s of uptime',
    read: (text) => oneOf(text, ['never', 'on-failure', 'always']),
  },
  restartLimit: {
    flag: 'restart-limit',
    takes: '<n>',
    fallback: null,
    fallbackWords: 'no limit',
    group: 'restart',
    help: 'restarts in a row, without 60 s of uptime between them, before k8s-run exits with the code of the app',
    read: (text) => number(text, 0, 1_000_000, 'a whole number, 0 or more'),
  },
  watch: {
    flag: 'watch',
    takes: '<path>',
    fallback: null,
    repeats: true,
    group: 'restart',
    help: 'mounted ConfigMap or Secret, other folder or file; a change of its content triggers --on-change',
    read: (text) => listOfOne(text === '' ? { problem: 'must be a path, such as /etc/config' } : { ok: text }),
  },
  onChange: {
    flag: 'on-change',
    takes: '<signal|restart|exec:command>',
    fallback: 'HUP',
    group: 'restart',
    help: 'action on a change: signal the app, restart it in place after a full shutdown, or run a command',
    read: readOnChange,
  },
  onResize: {
    flag: 'on-resize',
    takes: '<signal|restart|exec:command>',
    fallback: null,
    group: 'restart',
    help: 'action when the limits of the container have changed (in-place resize) and settled for 2 s: signal the app, restart it in place after a full shutdown, or run a command',
    read: readOnChange,
  },
};

function readOnChange(text: string): ReadValue<OnChange> {
  if (text === 'restart') return { ok: { kind: 'restart' } };
  if (text.startsWith('exec:')) {
    const hook = parseCommand(text.slice('exec:'.length));
    return 'problem' in hook ? hook : { ok: { kind: 'exec', hook: hook.ok } };
  }
  const signal = readSignal(text);
  return 'problem' in signal
    ? { problem: 'not an action; write HUP or another signal, restart, or exec:command' }
    : { ok: { kind: 'signal', signal: signal.ok } };
}
