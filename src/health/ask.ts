import { connect } from 'node:net';

/** The response of a health server; or why there is none. */
export type HealthReply = { readonly status: number; readonly body: string } | { readonly failure: string };

export type HealthQuery = {
  /** Tried in this order until one answers. */
  readonly hosts: readonly string[];
  readonly port: number;
  readonly path: string;
  /** The User-Agent. */
  readonly agent: string;
  /** Milliseconds for all hosts together. */
  readonly limit: number;
  readonly after: (delay: number, call: () => void) => () => void;
};

/** Bytes, as the kubelet reads (pkg/probe/http, maxRespBodyLength). */
const MAX_RESPONSE = 10 * 1024;

/**
 * Requests a health endpoint of k8s-run: HTTP/1.1 (RFC 9112) over `net` alone, because an HTTP client would take longer to
 * load than the response to come. The server closes the connection after its response.
 */
export async function askHealth(query: HealthQuery): Promise<HealthReply> {
  const { promise, resolve } = Promise.withResolvers<HealthReply>();
  const late = (): void => resolve({ failure: `no answer within ${query.limit} ms` });
  const cancel = query.after(query.limit, late);
  const reply = await Promise.race([promise, askEach(query)]);
  cancel();
  return reply;
}

async function askEach(query: HealthQuery): Promise<HealthReply> {
  let reply: HealthReply = { failure: 'no address to try' };
  for (const host of query.hosts) {
    reply = await askOne(host, query);
    if ('status' in reply) return reply;
  }
  return reply;
}

function askOne(host: string, { port, path, agent }: HealthQuery): Promise<HealthReply> {
  return new Promise((resolve) => {
    const where = host.includes(':') ? `[${host}]` : host;
    const head = [`GET ${path} HTTP/1.1`, `Host: ${where}:${port}`, `User-Agent: ${agent}`, 'Connection: close'];
    const socket = connect({ host, port }, () => socket.write(`${head.join('\r\n')}\r\n\r\n`));
    // After the limit the open connection must not keep the process running.
    socket.unref();
    let text = '';
    const settle = (): void => {
      socket.destroy();
      resolve(parseReply(text));
    };
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (text.length > MAX_RESPONSE) settle();
    });
    socket.once('end', settle);
    socket.once('error', ({ code = '', message }: NodeJS.ErrnoException) => {
      const problem = code === 'ECONNREFUSED' ? 'nothing listens' : code || message;
      resolve({ failure: `${problem} at ${where}:${port}` });
    });
  });
}

/** Reads the status and the body of a response, which may be cut short; anything but HTTP is a failure. */
export function parseReply(text: string): HealthReply {
  const [, status, body] = /^HTTP\/1\.[01] (\d{3})(?=[ \r])[\s\S]*?\r\n\r\n([\s\S]*)$/.exec(text) ?? [];
  if (status === undefined || body === undefined) return { failure: 'the server there does not speak HTTP' };
  return { status: Number(status), body };
}
