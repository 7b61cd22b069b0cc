/** The head of a request, as far as a server needs it that has no resources but GET and HEAD, and reads no bodies. */
export type RequestHead = {
  readonly method: string;
  /** Path and query, as in the request line. */
  readonly target: string;
  readonly accept: string;
  /** The client can use the connection again. */
  readonly keepAlive: boolean;
  /** A body follows. */
  readonly hasBody: boolean;
};

/** `length`: the characters of the text that the head takes. */
export type ParsedHead =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'refused'; readonly status: 400 | 431 | 505 }
  | { readonly kind: 'complete'; readonly head: RequestHead; readonly length: number };

/** Bytes; Node's own limit is 16 KiB, and no prober comes near it. */
const MAX_HEAD = 8 * 1024;

const END = '\r\n\r\n';
const REQUEST_LINE = /^([\w!#$%&'*+\-.^`|~]+) ([^\s\x7f]+) HTTP\/(\d)\.(\d)$/;
const NAME = /^[\w!#$%&'*+\-.^`|~]+$/;
const ZERO = /^0+$/;
/** Characters that no head contains, so what has one is no HTTP: a TLS client, a port scan. */
const NO_TEXT = /[^\t\r\n\x20-\x7e\x80-\xff]/;
/** A line ends in CR LF; neither stands alone (RFC 9112, 2.2). */
const LONE_END = /\r[^\n]|(?:^|[^\r])\n/;

const refused = (status: 400 | 431 | 505): ParsedHead => ({ kind: 'refused', status });

/**
 * Reads the first request (RFC 9112) of what a connection has sent, a character a byte. A head that is too long or no HTTP is
 * refused as soon as that is certain.
 */
export function parseHead(text: string): ParsedHead {
  // RFC 9112, 2.2: empty lines before a request are ignored, because some clients send one after a body.
  const begin = text.startsWith('\r\n') ? 2 : 0;
  const found = text.indexOf(END, begin);
  const end = found < 0 ? text.length : found;
  const head = text.slice(begin, end);
  if (NO_TEXT.test(head) || LONE_END.test(head)) return refused(400);
  if (end - begin > MAX_HEAD) return refused(431);
  if (found < 0) return { kind: 'incomplete' };
  const [line = '', ...fields] = head.split('\r\n');
  const [, method = '', target = '', major, minor] = REQUEST_LINE.exec(line) ?? [];
  if (major === undefined) return refused(400);
  if (major !== '1' || (minor !== '0' && minor !== '1')) return refused(505);
  const values = valuesOf(fields);
  const hosts = values?.get('host')?.length ?? 0;
  // RFC 9112, 3.2: HTTP/1.1 takes exactly one.
  if (values === null || hosts > 1 || (hosts === 0 && minor === '1')) return refused(400);
  const listed = (name: string): string => values.get(name)?.join(', ') ?? '';
  // No regular expression that could take the square of what a client has sent.
  const itemsOf = (name: string): readonly string[] =>
    values.has(name)
      ? listed(name)
          .split(',')
          .map((item) => item.trim())
      : [];
  const options = itemsOf('connection').map((option) => option.toLowerCase());
  const keepAlive = !options.includes('close') && (minor === '1' || options.includes('keep-alive'));
  const hasBody = values.has('transfer-encoding') || !itemsOf('content-length').every((length) => ZERO.test(length));
  return {
    kind: 'complete',
    head: { method, target, accept: listed('accept'), keepAlive, hasBody },
    length: end + END.length,
  };
}

/** The values of each field, by its name in lower case; null: a line is no field. */
function valuesOf(lines: readonly string[]): ReadonlyMap<string, readonly string[]> | null {
  const values = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon));
    if (!NAME.test(name)) return null;
    const value = line.slice(colon + 1).trim();
    const key = name.toLowerCase();
    const before = values.get(key);
    if (before === undefined) values.set(key, [value]);
    else before.push(value);
  }
  return values;
}
