import { parseProbe } from './parse-probe.ts';
import type { ProbeHost } from './probe-spec.ts';
import { splitWords } from './split-words.ts';

/** What the user lets k8s-run do at a point of the app's life: run a command, or request a URL. */
export type Hook =
  | { readonly kind: 'command'; readonly words: readonly string[] }
  | { readonly kind: 'url'; readonly url: URL; readonly host: ProbeHost };

export type ParsedHook = { readonly ok: Hook } | { readonly problem: string };

/** Reads a command. Its words are split without a shell, as for `exec:` probes. */
export function parseCommand(text: string): ParsedHook {
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

/** A hook without arguments and queries, which may be secret, for logs and endpoints. */
export function describeHook(hook: Hook): string {
  return hook.kind === 'url' ? `${hook.url.origin}${hook.url.pathname}` : (hook.words[0] ?? '');
}
