import { connect } from 'node:net';

/** What a health server answered; or why there is no answer, in words. */
export type Reply = { readonly status: number; readonly body: string } | { readonly failure: string };

export type HealthQuestion = {
  /** Tried in this order while nobody accepts. */
  readonly hosts: readonly string[];
  readonly port: number;
  readonly path: string;
  readonly agent: string;
  /** Milliseconds for all of it. */
  readonly limit: number;
  readonly after: (delay: number, call: () => void) => () => void;
};

/** As much as the kubelet reads (pkg/probe/http, maxRespBodyLength). */
const MOST_BYTES = 10 * 1024;

/**
 * Asks with `net` alone and HTTP/1.1 as RFC 9112 has it: a client library would take longer to load than the answer to come.
 * The server is our own, and closes the connection after its answer.
 */
export async function askHealth(question: HealthQuestion): Promise<Reply> {
  const { promise, resolve } = Promise.withResolvers<Reply>();
  const late = (): void => resolve({ failure: `no answer within ${question.limit} ms` });
  const cancel = question.after(question.limit, late);
  const reply = await Promise.race([promise, askEach(question)]);
  cancel();
  return reply;
}

async function askEach(question: HealthQuestion): Promise<Reply> {
  let reply: Reply = { failure: 'no address to ask' };
  for (const host of question.hosts) {
    reply = await askOne(host, question);
    if ('status' in reply) return reply;
  }
  return reply;
}

function askOne(host: string, { port, path, agent }: HealthQuestion): Promise<Reply> {
  return new Promise((resolve) => {
    const where = host.includes(':') ? `[${host}]` : host;
    const head = [`GET ${path} HTTP/1.1`, `Host: ${where}:${port}`, `User-Agent: ${agent}`, 'Connection: close'];
    const socket = connect({ host, port }, () => socket.write(`${head.join('\r\n')}\r\n\r\n`));
    // Whoever asked decides how long; an open connection must not keep the process when it is over.
    socket.unref();
    let text = '';
    const settle = (): void => {
      socket.destroy();
      resolve(parseReply(text));
    };
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (text.length > MOST_BYTES) settle();
    });
    socket.once('end', settle);
    socket.once('error', ({ code = '', message }: NodeJS.ErrnoException) => {
      const said = code === 'ECONNREFUSED' ? 'nothing listens' : code || message;
      resolve({ failure: `${said} at ${where}:${port}` });
    });
  });
}

/** Of an answer its status and the body as far as it came; what is no HTTP is said to be none. */
export function parseReply(text: string): Reply {
  const [, status, body] = /^HTTP\/1\.[01] (\d{3})(?=[ \r])[\s\S]*?\r\n\r\n([\s\S]*)$/.exec(text) ?? [];
  if (status === undefined || body === undefined) return { failure: 'what answered does not speak HTTP' };
  return { status: Number(status), body };
}
