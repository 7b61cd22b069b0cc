import { type HttpHead, readHttpHead } from './http-head.ts';

/** Reads one HTTP/1 response as it arrives. It has no connection, and keeps 1 MiB at most. */
export type HttpAnswerReader = {
  /** The next bytes, one character each (latin1); null: more are needed. */
  readonly push: (bytes: string) => HttpAnswer | null;
  /** The server has closed its end. */
  readonly end: () => HttpAnswer;
};
/** `problem` continues a sentence that begins with the address. */
export type HttpAnswer = { readonly ok: Pick<HttpHead, 'status' | 'location'> } | { readonly problem: string };

/** Bytes. What Go's server reads of headers at most; it is more than any server sends by accident, and bounds the memory. */
const MAX_HEADERS = 1024 * 1024;
/** Bytes. As much of a body as the kubelet reads (pkg/probe/http). */
const MAX_BODY = 10 * 1024;
/** Bytes. Go's limit of the line before a chunk (net/http/internal/chunked.go). */
const MAX_CHUNK_LINE = 4096;

const NOT_HTTP = 'does not speak HTTP';
const BAD_CHUNK: HttpAnswer = { problem: 'sent a malformed chunked body' };
/** The first byte of an alert and of a handshake in TLS (RFC 8446, 5.1), by which a server answers plain text. */
const TLS_RECORDS: readonly number[] = [0x15, 0x16];

export function readHttpAnswer(): HttpAnswerReader {
  let text = '';
  /** How much of the text has no end of the headers, and how many bytes former headers had. */
  let scanned = 0;
  let former = 0;
  let head: HttpHead | null = null;
  let received = 0;

  const read = (): HttpAnswer | null => {
    while (head === null) {
      const answer = readHead();
      if (answer !== 'next') return answer;
    }
    return readBody(head);
  };

  const readHead = (): HttpAnswer | 'next' | null => {
    const begin = text.slice(0, 5);
    if (!'HTTP/'.startsWith(begin)) {
      return { problem: TLS_RECORDS.includes(text.charCodeAt(0)) ? `${NOT_HTTP}, but TLS; write https://` : NOT_HTTP };
    }
    const END = /\n\r?\n/g;
    END.lastIndex = Math.max(0, scanned - 2);
    const end = END.exec(text);
    scanned = text.length;
    if (former + (end?.index ?? text.length) > MAX_HEADERS) return { problem: 'sent more than 1 MiB of HTTP headers' };
    if (end === null) return null;
    const found = readHttpHead(text.slice(0, end.index));
    if ('problem' in found) return found;
    former += END.lastIndex;
    text = text.slice(END.lastIndex);
    scanned = 0;
    // Informational responses, such as 103, precede the one that counts (RFC 9110, 15.2).
    const { status } = found.ok;
    if (status < 100 || status >= 200 || status === 101) head = found.ok;
    return 'next';
  };

  const readBody = ({ status, location, body }: HttpHead): HttpAnswer | null => {
    const done = { ok: { status, location } };
    if (body.kind === 'chunked') {
      const end = readChunks();
      return end === 'last' || received >= MAX_BODY ? done : end;
    }
    received += text.length;
    text = '';
    return received >= (body.kind === 'length' ? Math.min(body.bytes, MAX_BODY) : MAX_BODY) ? done : null;
  };

  /** The bytes of the chunk that is under way, with the CRLF behind it; null: the line before a chunk comes next. */
  let left: number | null = null;
  let trailers = false;
  const readChunks = (): HttpAnswer | 'last' | null => {
    while (received < MAX_BODY) {
      if (left !== null) {
        const data = Math.max(0, Math.min(left - 2, text.length));
        received += data;
        left -= data;
        text = text.slice(data);
        if (left > 2 || text.length < left) return null;
        if (!text.startsWith('\r\n')) return BAD_CHUNK;
        text = text.slice(2);
        left = null;
      }
      const end = text.indexOf('\n');
      if ((end < 0 ? text.length : end) > MAX_CHUNK_LINE) return BAD_CHUNK;
      if (end < 0) return null;
      const line = text.slice(0, end).trimEnd();
      text = text.slice(end + 1);
      if (trailers) {
        if (line === '') return 'last';
        continue;
      }
      const [, digits] = /^([0-9a-fA-F]{1,16})[ \t]*(?:;.*)?$/.exec(line) ?? [];
      if (digits === undefined) return BAD_CHUNK;
      if (Number.parseInt(digits, 16) === 0) trailers = true;
      else left = Number.parseInt(digits, 16) + 2;
    }
    return null;
  };

  return {
    push(bytes) {
      text += bytes;
      return read();
    },
    end() {
      if (head !== null) {
        if (head.body.kind === 'to the end') return { ok: head };
        return { problem: `closed the connection after ${received} bytes of its body, before the end` };
      }
      return {
        problem: `closed the connection ${text === '' && former === 0 ? 'without an answer' : 'inside its HTTP headers'}`,
      };
    },
  };
}
