import type { Socket } from 'node:net';
import { readInto } from './received-bytes.ts';
import type { HealthRequest, HealthResponse } from './render.ts';
import { parseHead, type RequestHead } from './request-head.ts';
import { KEEP_ALIVE, refusal, responseText } from './response-text.ts';

/** One connection of a client. */
export type ClientConnection = {
  /** `reading`: waits for a request, or its rest. `lingering`: has its last answer. */
  readonly phase: () => 'reading' | 'answering' | 'lingering';
  /** Ends what lasts too long; called once a second. */
  readonly look: () => void;
  readonly destroy: () => void;
};

export type Conversation = {
  readonly now: () => number;
  readonly answer: (request: HealthRequest) => HealthResponse | Promise<HealthResponse>;
  /** The answer was handed to the kernel, or a part of it to memory. */
  readonly answered: (target: string, status: number) => void;
  readonly closed: (connection: ClientConnection) => void;
  /** A fault of ours; the connection is closed. Code that the event loop calls here is in no fault domain. */
  readonly faulted: (error: Error) => void;
};

/** Milliseconds that a client has to send the head of a request; the kubelet's default timeout is one second. */
const HEAD_TIMEOUT = 5_000;
/** Milliseconds until the answer must have been read. */
const ANSWER_TIMEOUT = 10_000;
/** Milliseconds, one more than the client is told, so that its next request does not cross with the end. */
const IDLE_TIMEOUT = (KEEP_ALIVE + 1) * 1_000;
/** Milliseconds and bytes: an end while bytes arrive is a reset, which may cost the client the answer. */
const LINGER_TIMEOUT = 1_000;
const LINGER_BYTES = 64 * 1024;
/** Requests in a row that were sent without waiting for an answer; more would keep other clients waiting. */
const MAX_PIPELINED = 32;

/**
 * Serves HTTP/1.1 (RFC 9112) on one connection with bounded memory: one request at a time, nothing is read while one is
 * answered, and no body ever. Node's own server costs a flood's victim several times as much.
 */
export function converse(accepted: Socket, { now, answer, answered, closed, faulted }: Conversation): ClientConnection {
  let phase: 'reading' | 'answering' | 'lingering' = 'reading';
  let text = '';
  let dueAt = now() + HEAD_TIMEOUT;
  let discarded = 0;
  let clientIsDone = false;
  let pipelined = 0;

  const contained = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      faulted(error as Error);
      socket.destroy();
    }
  };
  const socket = readInto(accepted, (received) => {
    contained(() => take(received));
    return phase !== 'answering';
  });
  const connection: ClientConnection = {
    phase: () => phase,
    look() {
      if (now() < dueAt) return;
      if (phase === 'reading' && text !== '') last(refusal(408));
      else socket.destroy();
    },
    destroy: () => socket.destroy(),
  };
  // Without this listener a reset by the client would be an uncaught exception.
  socket.on('error', () => socket.destroy());
  socket.once('close', () => closed(connection));
  socket.once('end', () => {
    clientIsDone = true;
    if (phase !== 'answering') socket.destroy();
  });
  contained(() => socket.resume());
  return connection;

  function take(received: string): void {
    if (phase === 'lingering') {
      discarded += received.length;
      if (discarded > LINGER_BYTES) socket.destroy();
      return;
    }
    text += received;
    if (phase === 'reading') next();
  }

  function next(): void {
    const parsed = parseHead(text);
    if (parsed.kind === 'incomplete') return;
    if (parsed.kind === 'refused') {
      answered('', parsed.status);
      last(refusal(parsed.status));
      return;
    }
    text = text.slice(parsed.length);
    pipelined = text === '' ? 0 : pipelined + 1;
    phase = 'answering';
    dueAt = now() + ANSWER_TIMEOUT;
    const { head } = parsed;
    const response = answer(head);
    if (response instanceof Promise) void response.then((late) => contained(() => send(head, late)));
    else send(head, response);
  }

  function send(head: RequestHead, response: HealthResponse): void {
    if (socket.destroyed) return;
    // What was refused may have a body, and a body is not read.
    const refusesMore = head.hasBody || response.status === 405 || pipelined > MAX_PIPELINED;
    const goesOn = head.keepAlive && !refusesMore && !clientIsDone;
    const words = responseText(head, response, goesOn);
    answered(head.target, response.status);
    if (goesOn) socket.write(words, (error) => contained(() => written(error)));
    else last(words);
  }

  function written(error?: Error | null): void {
    if (error || socket.destroyed) return;
    phase = 'reading';
    dueAt = now() + IDLE_TIMEOUT;
    if (text !== '') next();
    if (phase === 'reading') socket.resume();
  }

  function last(words: string): void {
    phase = 'lingering';
    text = '';
    dueAt = now() + ANSWER_TIMEOUT;
    socket.end(words, () => {
      dueAt = Math.min(dueAt, now() + LINGER_TIMEOUT);
      if (clientIsDone) socket.destroy();
      else socket.resume();
    });
  }
}
