/** What a probe needs of the head of an HTTP/1 response. */
export type HttpHead = {
  readonly status: number;
  readonly location: string | null;
  /** Where the body ends: after so many bytes, after its last chunk, or with the connection. */
  readonly body: { readonly kind: 'length'; readonly bytes: number } | { readonly kind: 'chunked' | 'to the end' };
};

/** `problem` continues a sentence that begins with the address. */
export type HttpHeadResult = { readonly ok: HttpHead } | { readonly problem: string };

const USED: ReadonlySet<string> = new Set(['location', 'content-length', 'transfer-encoding']);
const STATUS_LINE = /^HTTP\/(\d)\.(\d) +(\d{3})(?: |$)/;

/**
 * Reads the status line and the headers, without the empty line that ends them, as Go's net/http does, which the kubelet uses (readResponse,
 * net/textproto, and transfer.go): lines end with CRLF or LF, folded lines are joined, Content-Length may be repeated with the same
 * value, and Transfer-Encoding wins over it. Where versions of Go differ, this accepts what one of them accepts.
 */
export function readHttpHead(text: string): HttpHeadResult {
  const [first = '', ...lines] = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  const [, major, minor, code] = STATUS_LINE.exec(first) ?? [];
  if (code === undefined) return { problem: 'sent a malformed HTTP status line' };
  const values = new Map<string, string[]>();
  if (/^[ \t]/.test(lines[0] ?? '')) return MALFORMED;
  for (const line of unfolded(lines)) {
    const colon = line.indexOf(':');
    if (colon < 0) return MALFORMED;
    // A name with a space before the colon is another name, and so has no effect.
    const name = line.slice(0, colon).toLowerCase();
    if (!USED.has(name)) continue;
    const value = line.slice(colon + 1).trim();
    const before = values.get(name);
    if (before === undefined) values.set(name, [value]);
    else before.push(value);
  }
  const status = Number(code);
  const isHttp11 = Number(major) * 10 + Number(minor) >= 11;
  const body = bodyOf(
    status,
    values.get('content-length') ?? [],
    isHttp11 ? (values.get('transfer-encoding') ?? []) : [],
  );
  if ('problem' in body) return body;
  return { ok: { status, location: values.get('location')?.[0] ?? null, body } };
}

const MALFORMED: HttpHeadResult = { problem: 'sent a malformed HTTP header' };

function unfolded(lines: readonly string[]): readonly string[] {
  const joined: string[] = [];
  for (const line of lines) {
    if (/^[ \t]/.test(line)) joined.push(`${joined.pop() ?? ''} ${line.trim()}`);
    else joined.push(line);
  }
  return joined;
}

function bodyOf(
  status: number,
  lengths: readonly string[],
  encodings: readonly string[],
): HttpHead['body'] | { readonly problem: string } {
  const [encoding, ...more] = encodings;
  if (encoding !== undefined && (more.length > 0 || encoding.toLowerCase() !== 'chunked'))
    return { problem: 'sent a Transfer-Encoding other than chunked' };
  if (encoding === undefined && new Set(lengths).size > 1)
    return { problem: 'sent Content-Length more than once, with different values' };
  // RFC 9110, 6.4.1. What comes after 101 is another protocol.
  if (status < 200 || status === 204 || status === 304) return { kind: 'length', bytes: 0 };
  if (encoding !== undefined) return { kind: 'chunked' };
  const [length] = lengths;
  if (length === undefined || length === '') return { kind: 'to the end' };
  return /^\d{1,18}$/.test(length)
    ? { kind: 'length', bytes: Number(length) }
    : { problem: 'sent a Content-Length that is no number' };
}
