import { constants } from 'node:os';
import { parseProbe } from './parse-probe.ts';
import type { ProbeHost } from './probe-spec.ts';
import { splitWords } from './split-words.ts';
import { type ReadValue, readSignal } from './values.ts';

type CommandHook = { readonly kind: 'command'; readonly words: readonly string[] };

/** What the user lets k8s-run do at a point of the app's life: run a command, or request a URL. */
export type Hook = CommandHook | { readonly kind: 'url'; readonly url: URL; readonly host: ProbeHost };

export type ParsedHook = { readonly ok: Hook } | { readonly problem: string };

/** The beginnings of a value that probes and other options take, and that no name of a program has. */
const OTHER_FORMS = /^(exec:|signal:|(?:https?|tcp|grpc|file):\/)/i;

/** Reads a command. Its words are split without a shell, as for `exec:` probes. */
export function parseCommand(text: string): ReadValue<CommandHook> {
  const form = OTHER_FORMS.exec(text.trimStart())?.[1];
  if (form !== undefined) return { problem: `not a command; write a program and its arguments, without ${form}` };
  const words = splitWords(text);
  if ('problem' in words) return words;
  return words.ok.length === 0
    ? { problem: 'names no command; write a program and its arguments' }
    : { ok: { kind: 'command', words: words.ok } };
}

/** Reads an http or https URL, or else a command. */
export function parseCommandOrUrl(text: string): ParsedHook {
  if (!/^https?:/.test(text)) return parseCommand(text);
  const parsed = parseProbe(text);
  if ('problem' in parsed) return parsed;
  return parsed.ok.kind === 'http'
    ? { ok: { kind: 'url', url: parsed.ok.url, host: parsed.ok.host } }
    : { problem: 'not an http URL; write http://:8080/path' };
}

/** What the user has done when something goes wrong, to find out why later: `signal`: the app writes a dump when it gets it. */
export type PostMortemAction =
  | { readonly kind: 'signal'; readonly signal: number }
  /** `{pid}` in the words stands for the app's process. */
  | CommandHook;

const UNCATCHABLE: ReadonlySet<number> = new Set([constants.signals.SIGKILL, constants.signals.SIGSTOP]);

/** A bare signal, as `--on-resize` takes it: in capitals or with sig, because `kill` and `stop` may be programs; or a number. */
const BARE_SIGNAL = /^(?:[A-Z]+\d*|sig\w+|\d+)$/;

/**
 * Reads `signal:NAME`, or else a command. What was meant to be a signal is no command: that there is no such program would only be
 * found when the evidence is needed.
 */
export function parsePostMortem(text: string): ReadValue<PostMortemAction> {
  const name = /^signal:(.*)$/is.exec(text)?.[1];
  if (name === undefined) {
    const word = text.trim();
    const isSignal = BARE_SIGNAL.test(word) && !('problem' in readSignal(word));
    return isSignal ? { problem: `a signal is written signal:${word}` } : parseCommand(text);
  }
  const signal = readSignal(name);
  if ('problem' in signal) return signal;
  return UNCATCHABLE.has(signal.ok)
    ? { problem: 'no app can catch it, so none writes anything; write signal:QUIT, or another signal' }
    : { ok: { kind: 'signal', signal: signal.ok } };
}

/** A hook without arguments and queries, which may be secret, for logs and endpoints. */
export function describeHook(hook: Hook): string {
  return hook.kind === 'url' ? `${hook.url.origin}${hook.url.pathname}` : (hook.words[0] ?? '');
}
