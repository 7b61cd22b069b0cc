/** What to ask the app: one word, a URL, or a stanza of Kubernetes'. See docs/reference.md for when each passes. */
export type ProbeSpec = ProbeTarget & {
  /** When and how often, as the stanza has it; what is one word has none of its own. */
  readonly timing?: ProbeTiming;
};

type ProbeTarget =
  | { readonly kind: 'auto' | 'process' | 'none' }
  | { readonly kind: 'http'; readonly url: URL; readonly host: ProbeHost; readonly headers: readonly Header[] }
  | { readonly kind: 'tcp'; readonly host: ProbeHost; readonly port: number }
  /** An empty service is the server as a whole. */
  | { readonly kind: 'grpc'; readonly host: ProbeHost; readonly port: number; readonly service: string }
  | { readonly kind: 'exec'; readonly command: readonly string[] }
  | { readonly kind: 'file'; readonly path: string };

export type Header = readonly [name: string, value: string];

/** The numbers of a Kubernetes probe, times in milliseconds; null where the stanza is silent. */
export type ProbeTiming = {
  readonly initialDelay: number;
  readonly period: number | null;
  readonly timeout: number | null;
  readonly successThreshold: number | null;
  readonly failureThreshold: number | null;
};

/** A host that was not given is loopback: 127.0.0.1, then ::1. */
export type ProbeHost = string | 'loopback';

export const LOOPBACK: readonly string[] = ['127.0.0.1', '::1'];

/** The addresses to try, in order. */
export function hostsOf(host: ProbeHost): readonly string[] {
  return host === 'loopback' ? LOOPBACK : [host];
}

/** A probe without what may be secret (queries, credentials, arguments), for logs and endpoints. */
export function describeProbe(spec: ProbeSpec): string {
  switch (spec.kind) {
    case 'auto':
    case 'process':
    case 'none':
      return spec.kind;
    case 'http':
      return `${spec.url.protocol}//${spec.host === 'loopback' ? `:${portOf(spec.url)}` : spec.url.host}${spec.url.pathname}`;
    case 'tcp':
      return `tcp://${spec.host === 'loopback' ? '' : bracketed(spec.host)}:${spec.port}`;
    case 'grpc': {
      const service = spec.service === '' ? '' : `/${spec.service}`;
      return `grpc://${spec.host === 'loopback' ? '' : bracketed(spec.host)}:${spec.port}${service}`;
    }
    case 'exec':
      return `exec:${spec.command[0] ?? ''}`;
    case 'file':
      return `file:${spec.path}`;
  }
}

export function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}

/** An IPv6 address as it stands in a URL. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

export type ParsedProbe = { readonly ok: ProbeSpec } | { readonly problem: string };

const FORMS =
  'write auto, process, none, http://:8080/path, https://host/path, tcp://:5432, grpc://:50051/service, exec:command or file:/path';

export function parseProbe(text: string): ParsedProbe {
  if (text === 'auto' || text === 'process' || text === 'none') return { ok: { kind: text } };
  const [, scheme, rest = ''] = /^([a-z]+):(.*)$/s.exec(text) ?? [];
  switch (scheme) {
    case 'http':
    case 'https':
      return parseHttp(scheme, rest);
    case 'tcp':
      return parseTcp(rest);
    case 'grpc':
      return parseGrpc(rest);
    case 'exec': {
      const command = splitWords(rest);
      if ('problem' in command) return command;
      if (command.ok.length === 0) return { problem: 'names no command; write exec:command args' };
      return { ok: { kind: 'exec', command: command.ok } };
    }
    case 'file':
      if (!rest.startsWith('/')) return { problem: 'the path must be absolute; write file:/path' };
      return { ok: { kind: 'file', path: rest } };
    default:
      return { problem: `not a probe; ${FORMS}` };
  }
}

function parseHttp(scheme: string, rest: string): ParsedProbe {
  const form = `write ${scheme}://:8080/path or ${scheme}://host:8080/path`;
  const [, authority, path] = /^\/\/([^/?#]*)(.*)$/s.exec(rest) ?? [];
  if (authority === undefined) return { problem: `not a URL; ${form}` };
  const hostless = authority === '' || authority.startsWith(':');
  const text = `${scheme}://${hostless ? `127.0.0.1${authority}` : authority}${path ?? ''}`;
  if (!URL.canParse(text)) return { problem: `not a URL; ${form}` };
  const url = new URL(text);
  if (portOf(url) === 0) return { problem: 'port 0 is none that an app can listen on' };
  if (url.username !== '' || url.password !== '') return { problem: `a probe takes no credentials; ${form}` };
  url.hash = '';
  return { ok: { kind: 'http', url, host: hostless ? 'loopback' : url.hostname.replace(/^\[|\]$/g, ''), headers: [] } };
}

function parseTcp(rest: string): ParsedProbe {
  const address = parseAddress(rest);
  if (address === null || !/^\/?$/.test(address.path))
    return { problem: 'not an address with a port; write tcp://:5432 or tcp://host:5432' };
  const { host, port } = address;
  return isPort(port) ? { ok: { kind: 'tcp', port, host } } : { problem: PORTS };
}

function parseGrpc(rest: string): ParsedProbe {
  const address = parseAddress(rest);
  if (address === null || !/^(\/[\w./-]*)?$/.test(address.path))
    return {
      problem: 'not an address with a port; write grpc://:50051, or grpc://:50051/service for one of its services',
    };
  const { host, port } = address;
  return isPort(port) ? { ok: { kind: 'grpc', port, host, service: address.path.slice(1) } } : { problem: PORTS };
}

const PORTS = 'a port is a number from 1 to 65535';

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}

function parseAddress(rest: string): { readonly host: ProbeHost; readonly port: number; readonly path: string } | null {
  const [, bracket, plain, digits, path = ''] =
    /^\/\/(?:\[([0-9a-fA-F:.]+)\]|([\w.-]*)):(\d{1,9})(\/.*)?$/s.exec(rest) ?? [];
  if (digits === undefined) return null;
  const host = bracket ?? plain ?? '';
  return { host: host === '' ? 'loopback' : host, port: Number(digits), path };
}

/**
 * Splits a command line as a POSIX shell splits quoted words, and does nothing else a shell does: no variables, no
 * globs, no operators.
 */
export function splitWords(line: string): { readonly ok: readonly string[] } | { readonly problem: string } {
  const words: string[] = [];
  let word: string | null = null;
  for (let index = 0; index < line.length; index += 1) {
    const char = line.charAt(index);
    if (char === "'" || char === '"') {
      const [text, end] = quoted(line, index);
      if (end < 0) return { problem: `the quotation mark ${char} is never closed` };
      word = (word ?? '') + text;
      index = end;
    } else if (char === '\\' && index + 1 < line.length) {
      index += 1;
      word = (word ?? '') + line.charAt(index);
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? '') + char;
    }
  }
  if (word !== null) words.push(word);
  return { ok: words };
}

/** The text between quotation marks and where they close; -1 when they do not. In double ones \\ escapes `"` and `\`. */
function quoted(line: string, start: number): readonly [string, number] {
  const mark = line.charAt(start);
  let text = '';
  for (let index = start + 1; index < line.length; index += 1) {
    const char = line.charAt(index);
    if (char === mark) return [text, index];
    const next = line.charAt(index + 1);
    const escaped = mark === '"' && char === '\\' && (next === '"' || next === '\\');
    if (escaped) index += 1;
    text += escaped ? next : char;
  }
  return [text, -1];
}
