/**
 * Preloaded into a Node app by `--node-drain` (`--require` in NODE_OPTIONS): while the pod is terminating, clients are asked to
 * leave in the order of each protocol, so that no request meets a closed connection.
 *
 * - HTTP/1.1: responses carry `Connection: close`; kept-alive connections that stay idle are closed one by one.
 * - HTTP/2: sessions get GOAWAY (RFC 9113, 6.8); streams in flight are finished.
 * - WebSocket: a close frame with code 1001, going away (RFC 6455, 7.4.1).
 *
 * It runs in a foreign process, in any Node that reads NODE_OPTIONS (from 8 on): it imports nothing but node:net, never throws into
 * the app, holds no process alive, and does nothing before a server of the app listens.
 */
import net, { type Server, type Socket } from 'node:net';

/** HTTP/1.1 and HTTP/2 as far as they are touched; node:http and node:http2 are the app's to load. */
type Response = {
  shouldKeepAlive: boolean;
  headersSent: boolean;
  once(event: 'finish' | 'close', call: () => void): unknown;
};
type Request = { httpVersionMajor: number; socket: Socket; headers: Readonly<Record<string, unknown>> };
type Session = {
  goaway(code: number, lastStreamId: number): void;
  close(): void;
  once(event: 'close' | 'stream', call: () => void): unknown;
  readonly closed: boolean;
};

/** The events of k8s-run's socket that matter here; other fields and events are passed over. */
type Message = { readonly phase?: string; readonly delayEndsInMs?: number };

/** Phases in which clients are asked to leave. */
const TERMINATING = new Set(['preStop', 'delaying', 'draining', 'stopping', 'beforeKill', 'killing']);
/** Milliseconds before the end of the delay, in which idle connections are closed one after the other. */
const CLOSING = 1_000;
/** Milliseconds between the two GOAWAY frames: a round trip, in which requests that are on their way still arrive. */
const GOAWAY_AFTER = 500;
/** Milliseconds; less than the time after which a connection without data looks idle to k8s-run. */
const SAY_EVERY = 1_000;
/** The highest stream number: a GOAWAY that announces the end and refuses nothing yet. */
const LAST_STREAM = 2 ** 31 - 1;
/** FIN and the close opcode, two bytes of payload: 1001, going away. */
const CLOSE_FRAME = Buffer.from([0x88, 0x02, 0x03, 0xe9]);

const address = process.env['K8S_RUN_EVENTS'];

/** Kept-alive connections, with the response under way on each; null: idle. */
const connections = new Map<Socket, Response | null>();
const sessions = new Set<Session>();
/** WebSockets, with the bytes that were written before the handshake: without more the app has not answered it yet. */
const webSockets = new Map<Socket, number>();
let terminating = false;
let closing = false;
let connected = false;

function watch(server: Server): void {
  const emit = server.emit;
  server.emit = function watched(this: Server, event: string, ...values: unknown[]): boolean {
    try {
      if (event === 'request' || event === 'checkContinue') requested(values[0] as Request, values[1] as Response);
      else if (event === 'upgrade') upgraded(values[0] as Request);
      else if (event === 'session') opened(values[0] as Session);
    } catch {
      // The app's own work comes first, whatever this one met.
    }
    return emit.call(this, event, ...values);
  } as Server['emit'];
}

function requested(request: Request, response: Response): void {
  if (request.httpVersionMajor !== 1) return;
  connect();
  const { socket } = request;
  if (!connections.has(socket)) socket.once('close', () => connections.delete(socket));
  connections.set(socket, response);
  const ended = (): void => {
    // Behind it there may be the response to a request that was pipelined.
    if (connections.get(socket) === response) connections.set(socket, null);
  };
  // Before Node 14 a response that was sent completely has no `close`.
  response.once('finish', ended);
  response.once('close', ended);
  if (terminating) response.shouldKeepAlive = false;
}

/** What the app writes now is the answer to the handshake, then frames; a refusal ends the socket. */
function upgraded({ socket, headers }: Request): void {
  connect();
  connections.delete(socket);
  if (String(headers['upgrade']).toLowerCase() !== 'websocket') return;
  webSockets.set(socket, socket.bytesWritten);
  socket.once('close', () => webSockets.delete(socket));
}

function opened(session: Session): void {
  // A server of another kind may have an event of that name.
  if (typeof session?.goaway !== 'function') return;
  connect();
  sessions.add(session);
  session.once('close', () => sessions.delete(session));
  // A client that has just connected is not refused: it is asked to leave behind its first request.
  if (terminating) session.once('stream', () => leave(session));
}

function begin(): void {
  terminating = true;
  for (const response of connections.values()) {
    if (response !== null && !response.headersSent) response.shouldKeepAlive = false;
  }
  for (const session of sessions) leave(session);
}

/** In the last second of the delay, or at once where there is none. */
function closeIdleBefore(delayEndsInMs: number): void {
  closing = true;
  later(Math.max(0, delayEndsInMs - CLOSING), () => closeIdle(Math.min(CLOSING, delayEndsInMs)));
}

/** Two GOAWAY frames, as RFC 9113 has it for a graceful shutdown: what the client sent before it read the first is served. */
function leave(session: Session): void {
  if (session.closed) return;
  try {
    session.goaway(0, LAST_STREAM);
  } catch {
    // It has just been destroyed.
    return;
  }
  later(GOAWAY_AFTER, () => session.close());
  keepBusy(session);
}

/**
 * A stream without data, in a session that has answered another one since, cannot be told from an idle connection by the kernel, so
 * k8s-run would not wait for it. A session that has been asked to leave is open only while streams are in flight, so until then it
 * says its last GOAWAY again: Node sends no PING on a session that is closing.
 */
function keepBusy(session: Session): void {
  const timer = setInterval(() => {
    try {
      // 0: the last stream that was processed.
      if (session.closed) session.goaway(0, 0);
    } catch {
      // It has just been destroyed.
    }
  }, SAY_EVERY).unref();
  session.once('close', () => clearInterval(timer));
}

/** One by one, because a client that loses all its connections at once reopens them all at once. */
function closeIdle(within: number): void {
  const idle = [...connections].filter(([, response]) => response === null).map(([socket]) => socket);
  const all = [...idle, ...webSockets.keys()];
  for (const [index, socket] of all.entries()) {
    later((within * index) / all.length, () => {
      if (webSockets.has(socket)) sayGoingAway(socket);
      // A request may have come meanwhile: its response says close.
      else if (connections.get(socket) === null) socket.end();
    });
  }
}

/** Its handshake must have been answered, and the app must not have ended it. */
function sayGoingAway(socket: Socket): void {
  if (!socket.writable || socket.bytesWritten <= (webSockets.get(socket) ?? 0)) return;
  // The client may be gone: an error of this write is not the app's.
  const ignore = (): void => {};
  socket.once('error', ignore);
  socket.write(CLOSE_FRAME, (error) => {
    if (error == null) socket.off('error', ignore);
  });
}

/**
 * Never throws, and keeps no process alive. Timers come before I/O in the event loop: in an app that was busy meanwhile, a request
 * that has arrived is read first.
 */
function later(delay: number, call: () => void): void {
  const calm = (): void => {
    try {
      call();
    } catch {
      // The connection is gone already.
    }
  };
  // Not without a reference: then it would wait for the next event.
  setTimeout(() => setImmediate(calm), delay).unref();
}

/** With the first request or session: a process that serves nobody opens no socket. Again with a later one, if it was closed. */
function connect(): void {
  if (connected || address === undefined || !address.startsWith('@')) return;
  connected = true;
  let text = '';
  const socket = net.connect(placeOf(address.slice(1)));
  socket.unref();
  socket.setEncoding('utf8');
  socket.on('error', () => {});
  socket.once('close', () => {
    connected = false;
  });
  socket.on('data', (part: string) => {
    const lines = (text + part).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) received(line);
  });
}

/**
 * libuv before 1.46 and Node before 21 take the first NUL for the end of a path, so they reach no abstract socket by name (unix(7)):
 * for them the name ends in a port of the loopback address.
 */
function placeOf(name: string): { path: string } | { port: number; host: string } {
  const port = /-(\d+)$/.exec(name)?.[1];
  const isOld = Number.parseInt(process.versions.node, 10) < 21;
  return isOld && port !== undefined ? { port: Number(port), host: '127.0.0.1' } : { path: `\0${name}` };
}

function received(line: string): void {
  try {
    const { phase, delayEndsInMs = 0 } = JSON.parse(line) as Message;
    if (phase === undefined || !TERMINATING.has(phase)) return;
    if (!terminating) begin();
    // How long the delay is, is known once the pre-stop hook has ended.
    if (!closing && phase !== 'preStop') closeIdleBefore(delayEndsInMs);
  } catch {
    // A newer k8s-run may say what this one does not know.
  }
}

function install(): void {
  const { prototype } = net.Server;
  const { listen } = prototype;
  const watched = new WeakSet<Server>();
  prototype.listen = function listenWatched(this: Server, ...values: unknown[]): Server {
    try {
      if (!watched.has(this)) watch(this);
      watched.add(this);
    } catch {
      // A server that cannot be watched serves as without this file.
    }
    return listen.apply(this, values as Parameters<typeof listen>);
  } as typeof listen;
}

try {
  install();
} catch {
  // Somebody has made it unchangeable. k8s-run notices that nobody reads its events.
}
