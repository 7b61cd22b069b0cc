import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { until } from './deadline.ts';
import type { Finished } from './finished.ts';
import { type OtlpMessage, type OtlpRecord, type OtlpSpan, readOtlp } from './otlp-messages.ts';
import { type Start, start } from './supervised.ts';

export type OtlpRequest = {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly message: OtlpMessage;
  /** How it was answered. */
  readonly answer: OtlpAnswer;
};

/** `hang`: there is no answer. */
export type OtlpAnswer =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  | 'hang';

/** A collector for OTLP over HTTP that refuses everything that is not in the published definitions. */
export type Collector = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  readonly requests: () => readonly OtlpRequest[];
  /** Spans that were accepted, in the order of their arrival. */
  readonly spans: () => readonly OtlpSpan[];
  readonly records: () => readonly OtlpRecord[];
  readonly span: (name: string) => Promise<OtlpSpan>;
  readonly record: (event: string) => Promise<OtlpRecord>;
};

export type CollectorOptions = {
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca?: string; readonly requestCert?: boolean };
  readonly port?: number;
  /** Of the n-th request for a path, from 0. */
  readonly answer?: (path: string, count: number) => OtlpAnswer;
};

const ACCEPTED: OtlpAnswer = {
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: '{"partialSuccess":{}}',
};

export async function startCollector({
  tls,
  port = 0,
  answer = () => ACCEPTED,
}: CollectorOptions = {}): Promise<Collector> {
  const requests: OtlpRequest[] = [];
  const problems: string[] = [];
  const counts = new Map<string, number>();
  const sockets = new Set<Socket>();
  const handle: RequestListener = (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const path = request.url ?? '';
      try {
        if (request.method !== 'POST' || request.headers['content-type'] !== 'application/json')
          throw new Error(`${request.method} with ${request.headers['content-type']}`);
        const body = Buffer.concat(parts);
        const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString();
        const count = counts.get(path) ?? 0;
        counts.set(path, count + 1);
        const answered = answer(path, count);
        requests.push({ path, headers: request.headers, message: readOtlp(path, text), answer: answered });
        if (answered !== 'hang') response.writeHead(answered.status, answered.headers ?? {}).end(answered.body ?? '');
      } catch (error) {
        problems.push(`${path}: ${(error as Error).message}`);
        response.writeHead(400).end();
      }
    });
  };
  const server: Server = tls === undefined ? createServer(handle) : createTlsServer(tls, handle);
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address() as AddressInfo;
  const all = (): readonly OtlpRequest[] => {
    if (problems.length > 0) throw new Error(problems.join('\n'));
    return requests;
  };
  const accepted = (): readonly OtlpRequest[] => all().filter(({ answer: how }) => how !== 'hang' && how.status < 300);
  const spans = (): readonly OtlpSpan[] => accepted().flatMap(({ message }) => message.spans);
  const records = (): readonly OtlpRecord[] => accepted().flatMap(({ message }) => message.records);
  const seen = (): string => JSON.stringify(all(), null, 1);
  return {
    url: tls === undefined ? `http://127.0.0.1:${address.port}` : `https://localhost:${address.port}`,
    port: address.port,
    requests: all,
    spans,
    records,
    span: (name) => until(`the span ${name}`, () => spans().find((span) => span.name === name), seen),
    record: (event) =>
      until(`the record ${event}`, () => records().find(({ eventName }) => eventName === `k8s_run.${event}`), seen),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      if (problems.length > 0) throw new Error(problems.join('\n'));
    },
  };
}

/**
 * Runs a shell under k8s-run. It goes on when the collector has the first records: all that exports is loaded then, and what comes at the
 * end has its second, however busy the machine is.
 */
export async function runShell(
  collector: Collector,
  options: readonly string[],
  script: string,
  how: Start = {},
): Promise<Finished> {
  const command = ['sh', '-c', `read line; ${script}`];
  await using run = start(options, command, { ...how, stdio: ['pipe', 'pipe', 'pipe'] });
  await collector.record('spawned');
  run.child.stdin?.end();
  const ended = await run.ended();
  return { ...ended, lines: run.lines(), events: run.events(), stdout: run.stdout(), stderr: run.stderr() };
}
