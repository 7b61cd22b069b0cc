import { parseProbe } from './parse-probe.ts';
import type { ProbeHost } from './probe-spec.ts';
import { splitWords } from './split-words.ts';

/** Something that is done once at a point of the app's life, by the user's choice. */
export type Hook =
  | { readonly kind: 'command'; readonly words: readonly string[] }
  | { readonly kind: 'url'; readonly url: URL; readonly host: ProbeHost };

export type ParsedHook = { readonly ok: Hook } | { readonly problem: string };

/** Words split without a shell, as `exec:` probes are. */
export function parseCommand(text: string): ParsedHook {
  const words = splitWords(text);
  if ('problem' in words) return words;
  return words.ok.length === 0 ? { problem: 'names no command' } : { ok: { kind: 'command', words: words.ok } };
}

/** An http URL, else a command. */
export function parseCommandOrUrl(text: string): ParsedHook {
  if (!/^https?:/.test(text)) return parseCommand(text);
  const parsed = parseProbe(text);
  if ('problem' in parsed) return parsed;
  return parsed.ok.kind === 'http'
    ? { ok: { kind: 'url', url: parsed.ok.url, host: parsed.ok.host } }
    : { problem: 'not an http URL' };
}

/** A hook without what may be secret (arguments, queries), for logs and endpoints. */
export function describeHook(hook: Hook): string {
  return hook.kind === 'url' ? `${hook.url.origin}${hook.url.pathname}` : (hook.words[0] ?? '');
}
