import { isPort, PROBE_FORMS, type ProbeHost, type ProbeKind, type ProbeSpec, portOf } from './probe-spec.ts';
import { splitWords } from './split-words.ts';

export type ParsedProbe = { readonly ok: ProbeSpec } | { readonly problem: string };

const KINDS = Object.keys(PROBE_FORMS) as ProbeKind[];
const FORMS = Object.values(PROBE_FORMS)
  .join(', ')
  .replace(/, (?=file)/, ' or ');
const NOT_A_PROBE: ParsedProbe = { problem: `not a probe; write ${FORMS}` };
/** Schemes that are not called after their kind. */
const OTHER_SCHEMES: Readonly<Partial<Record<string, ProbeKind>>> = { https: 'http', h2c: 'http', grpcs: 'grpc' };
const NOT_A_PORT: ParsedProbe = { problem: 'a port is a number from 1 to 65535' };

/** Reads a probe that is written as one word or a URL. */
export function parseProbe(text: string): ParsedProbe {
  const [, scheme = '', rest] = /^([a-z][a-z0-9]*)(?::(.*))?$/s.exec(text) ?? [];
  const kind = OTHER_SCHEMES[scheme] ?? KINDS.find((each) => each === scheme);
  const isOneWord = kind !== undefined && PROBE_FORMS[kind] === kind;
  if (kind === undefined || isOneWord !== (rest === undefined)) return NOT_A_PROBE;
  return parseKind(kind, scheme, rest ?? '');
}

function parseKind(kind: ProbeKind, scheme: string, rest: string): ParsedProbe {
  switch (kind) {
    case 'auto':
    case 'process':
    case 'none':
      return { ok: { kind } };
    case 'http':
      return parseHttp(scheme, rest);
    case 'tcp':
      return parseTcp(rest);
    case 'grpc':
      return parseGrpc(scheme, rest);
    case 'exec': {
      const command = splitWords(rest);
      if ('problem' in command) return command;
      if (command.ok.length === 0) return { problem: 'names no command; write exec:command args' };
      return { ok: { kind, command: command.ok } };
    }
    case 'file':
      if (!rest.startsWith('/')) return { problem: 'the path must be absolute; write file:/path' };
      return { ok: { kind, path: rest } };
  }
}

function parseHttp(scheme: string, rest: string): ParsedProbe {
  const form = `write ${scheme}://:8080/path or ${scheme}://host:8080/path`;
  const [, authority, path] = /^\/\/([^/?#]*)(.*)$/s.exec(rest) ?? [];
  if (authority === undefined) return { problem: `not a URL; ${form}` };
  const hostless = authority === '' || authority.startsWith(':');
  const text = `${scheme === 'h2c' ? 'http' : scheme}://${hostless ? `127.0.0.1${authority}` : authority}${path ?? ''}`;
  if (!URL.canParse(text)) return { problem: `not a URL; ${form}` };
  const url = new URL(text);
  if (portOf(url) === 0) return NOT_A_PORT;
  if (url.username !== '' || url.password !== '') return { problem: `a probe takes no credentials; ${form}` };
  url.hash = '';
  const host = hostless ? 'loopback' : url.hostname.replace(/^\[|\]$/g, '');
  return { ok: { kind: 'http', url, host, headers: [], ...(scheme === 'h2c' ? { h2c: true as const } : {}) } };
}

function parseTcp(rest: string): ParsedProbe {
  const address = parseAddress(rest);
  if (address === null || !/^\/?$/.test(address.path))
    return { problem: 'not an address with a port; write tcp://:5432 or tcp://host:5432' };
  const { host, port } = address;
  return isPort(port) ? { ok: { kind: 'tcp', port, host } } : NOT_A_PORT;
}

function parseGrpc(scheme: string, rest: string): ParsedProbe {
  const address = parseAddress(rest);
  if (address === null || !/^(\/[\w./-]*)?$/.test(address.path))
    return {
      problem: `not an address with a port; write ${scheme}://:50051, or ${scheme}://:50051/service for one of its services`,
    };
  const { host, port } = address;
  if (!isPort(port)) return NOT_A_PORT;
  const tls = scheme === 'grpcs' ? { tls: true as const } : {};
  return { ok: { kind: 'grpc', port, host, service: address.path.slice(1), ...tls } };
}

function parseAddress(rest: string): { readonly host: ProbeHost; readonly port: number; readonly path: string } | null {
  const [, bracket, plain, digits, path = ''] =
    /^\/\/(?:\[([0-9a-fA-F:.]+)\]|([\w.-]*)):(\d{1,9})(\/.*)?$/s.exec(rest) ?? [];
  if (digits === undefined) return null;
  const host = bracket ?? plain ?? '';
  return { host: host === '' ? 'loopback' : host, port: Number(digits), path };
}
