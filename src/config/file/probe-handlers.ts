import {
  bracketed,
  type Header,
  isPort,
  type KubernetesHandler,
  type ProbeHost,
  type ProbeSpec,
} from '../probe-spec.ts';
import { type Diagnostics, entriesIn, textIn, valueShown } from './diagnostics.ts';
import type { MapEntry, YamlTree } from './yaml.ts';

/** The handlers of a Kubernetes probe, of which it has one, with the keys of each. */
export const PROBE_HANDLERS: Readonly<Record<KubernetesHandler, readonly string[]>> = {
  httpGet: ['port', 'path', 'scheme', 'protocol', 'host', 'httpHeaders'],
  tcpSocket: ['port', 'host'],
  grpc: ['port', 'service', 'mode'],
  exec: ['command'],
};

/** The words of HTTPProtocol and GRPCProbeMode (k8s.io/api/core/v1, alpha in Kubernetes 1.37); the first is the default of each. */
export const HTTP_PROTOCOLS = ['HTTP1', 'HTTP2'] as const;
export const GRPC_MODES = ['Plaintext', 'TLS'] as const;

export type HandlerName = KubernetesHandler;
export const HANDLER_NAMES: readonly HandlerName[] = Object.keys(PROBE_HANDLERS) as HandlerName[];

/** Headers that describe the connection, which the HTTP client sets. */
const CONNECTION_HEADERS = /^(connection|content-length|expect|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;

/** Reads what is under httpGet, tcpSocket, grpc or exec. Returns null after it has reported a mistake. */
export function readHandler(
  handler: HandlerName,
  tree: YamlTree,
  name: string,
  diagnostics: Diagnostics,
): ProbeSpec | null {
  return HANDLER_READERS[handler](tree, name, diagnostics);
}

type HandlerReader = (tree: YamlTree, name: string, diagnostics: Diagnostics) => ProbeSpec | null;

const HANDLER_READERS: Readonly<Record<HandlerName, HandlerReader>> = {
  httpGet(tree, name, diagnostics) {
    const entries = entriesIn(tree, name, PROBE_HANDLERS.httpGet, diagnostics);
    if (entries === null) return null;
    const port = portIn(entries.get('port'), tree, name, diagnostics);
    const host = hostIn(entries.get('host'), `${name}.host`, diagnostics);
    const headers = headersIn(entries.get('httpHeaders'), `${name}.httpHeaders`, diagnostics);
    const path = optionalText(entries.get('path'), '/', `${name}.path`, diagnostics);
    const scheme = optionalText(entries.get('scheme'), 'HTTP', `${name}.scheme`, diagnostics);
    if (port === null || host === null || headers === null || path === null || scheme === null) return null;
    if (!/^https?$/i.test(scheme)) {
      const position = entries.get('scheme')?.position ?? tree.position;
      diagnostics.addMistake(position, `${name}.scheme`, 'must be HTTP or HTTPS');
      return null;
    }
    const protocol = oneOf(entries.get('protocol'), HTTP_PROTOCOLS, `${name}.protocol`, diagnostics);
    if (protocol === null) return null;
    const h2c = protocol === 'HTTP2';
    if (h2c && /s$/i.test(scheme)) {
      const position = entries.get('protocol')?.value.position ?? tree.position;
      const problem =
        'is HTTP/2 in clear text, and cannot be combined with scheme HTTPS; leave protocol out, HTTPS uses HTTP/2 where the server has nothing else';
      diagnostics.addMistake(position, `${name}.protocol HTTP2`, problem);
      return null;
    }
    const authority = `${host === 'loopback' ? '127.0.0.1' : bracketed(host)}:${port}`;
    const url = new URL(`${scheme.toLowerCase()}://${authority}/${path.replace(/^\//, '')}`);
    url.hash = '';
    return { kind: 'http', url, host, headers, ...(h2c ? { h2c: true as const } : {}) };
  },
  tcpSocket(tree, name, diagnostics) {
    const entries = entriesIn(tree, name, PROBE_HANDLERS.tcpSocket, diagnostics);
    if (entries === null) return null;
    const port = portIn(entries.get('port'), tree, name, diagnostics);
    const host = hostIn(entries.get('host'), `${name}.host`, diagnostics);
    return port === null || host === null ? null : { kind: 'tcp', port, host };
  },
  grpc(tree, name, diagnostics) {
    const entries = entriesIn(tree, name, PROBE_HANDLERS.grpc, diagnostics);
    if (entries === null) return null;
    const port = portIn(entries.get('port'), tree, name, diagnostics);
    const service = optionalText(entries.get('service'), '', `${name}.service`, diagnostics);
    const mode = oneOf(entries.get('mode'), GRPC_MODES, `${name}.mode`, diagnostics);
    if (port === null || service === null || mode === null) return null;
    return { kind: 'grpc', port, host: 'loopback', service, ...(mode === 'TLS' ? { tls: true as const } : {}) };
  },
  exec(tree, name, diagnostics) {
    const entry = entriesIn(tree, name, PROBE_HANDLERS.exec, diagnostics)?.get('command');
    const items = entry?.value.kind === 'list' ? entry.value.items : [];
    const words = items.flatMap((item) =>
      item.kind === 'scalar' && typeof item.value === 'string' ? [item.value] : [],
    );
    if (words.length > 0 && words.length === items.length && words[0] !== '') return { kind: 'exec', command: words };
    const problem = 'must be a list of strings; write [cat, /tmp/healthy]';
    const wrong = items.find((item) => item.kind !== 'scalar' || typeof item.value !== 'string' || words[0] === '');
    diagnostics.addMistake(wrong?.position ?? entry?.value.position ?? tree.position, `${name}.command`, problem);
    return null;
  },
};

function portIn(entry: MapEntry | undefined, parent: YamlTree, name: string, diagnostics: Diagnostics): number | null {
  const what = `${name}.port`;
  if (entry === undefined) {
    diagnostics.addMistake(parent.position, what, 'is missing; write the port that the app listens on');
    return null;
  }
  const { value } = entry;
  const written = value.kind === 'scalar' ? value.value : null;
  // An IntOrString: where no port has digits as its name, the kubelet reads them as a number.
  const port = typeof written === 'string' && /^\d{1,5}$/.test(written) ? Number(written) : written;
  if (typeof port === 'number' && isPort(port)) return port;
  diagnostics.addMistake(value.position, `${what}${valueShown(value)}`, 'must be a port, a number from 1 to 65535');
  return null;
}

/** One of these words, by default the first; null, and a mistake, where it is another. */
function oneOf<W extends string>(
  entry: MapEntry | undefined,
  words: readonly [W, ...W[]],
  name: string,
  diagnostics: Diagnostics,
): W | null {
  const text = optionalText(entry, words[0], name, diagnostics);
  if (text === null) return null;
  const word = words.find((each) => each === text);
  if (word !== undefined || entry === undefined) return word ?? words[0];
  const guess = words.find((each) => each.toLowerCase() === text.toLowerCase());
  const problem = `must be ${words.join(' or ')}${guess === undefined ? '' : `; did you mean ${guess}?`}`;
  diagnostics.addMistake(entry.value.position, `${name}${valueShown(entry.value)}`, problem);
  return null;
}

function hostIn(entry: MapEntry | undefined, name: string, diagnostics: Diagnostics): ProbeHost | null {
  const host = optionalText(entry, 'loopback', name, diagnostics);
  if (host === null || host === 'loopback') return host;
  if (/^[\w.:-]+$/.test(host) && URL.canParse(`http://${bracketed(host)}/`)) return host;
  if (entry !== undefined)
    diagnostics.addMistake(entry.value.position, name, 'not a host; write a name or an address, or leave it out');
  return null;
}

function headersIn(entry: MapEntry | undefined, name: string, diagnostics: Diagnostics): readonly Header[] | null {
  if (entry === undefined) return [];
  if (entry.value.kind !== 'list') {
    diagnostics.addMistake(entry.value.position, name, 'must be a list; write - name: Host');
    return null;
  }
  const headers = entry.value.items.map((item): Header | null => {
    const fields = entriesIn(item, name, ['name', 'value'], diagnostics);
    if (fields === null) return null;
    const header = optionalText(fields.get('name'), '', `${name}.name`, diagnostics);
    const value = optionalText(fields.get('value'), '', `${name}.value`, diagnostics);
    if (header === null || value === null) return null;
    const problem = headerProblem(header, value);
    if (problem !== null) diagnostics.addMistake(item.position, name, problem);
    return problem === null ? [header, value] : null;
  });
  const hosts = entry.value.items.filter((_, index) => headers[index]?.[0].toLowerCase() === 'host');
  if (hosts[1] !== undefined) diagnostics.addMistake(hosts[1].position, name, 'Host is set twice; keep one');
  return headers.every((header) => header !== null) && hosts.length <= 1 ? headers : null;
}

/** By RFC 9110, 5.1 and 5.5. The value is not quoted, because it may be a token. */
function headerProblem(header: string, value: string): string | null {
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(header)) return 'the name of a header is missing or invalid; write name: Host';
  if (CONNECTION_HEADERS.test(header)) return `${header} is set by the HTTP client; leave it out`;
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return null;
  return `the value of ${header} has characters that no header may have`;
}

function optionalText(
  entry: MapEntry | undefined,
  fallback: string,
  name: string,
  diagnostics: Diagnostics,
): string | null {
  if (entry === undefined) return fallback;
  const text = textIn(entry, name, diagnostics);
  return text === '' ? fallback : text;
}
