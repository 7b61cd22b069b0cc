import type { Outcome } from './request-counts.ts';
import type { Target } from './requests.ts';

export type Conversation = {
  readonly target: Target;
  /** Milliseconds from the opening to our close, and between our messages. */
  readonly ms: number;
  readonly every: number;
};

/** RFC 6455, 7.4.1. */
const GOING_AWAY = 1_001;

/**
 * Opens a WebSocket, sends messages, and closes it when each has been echoed. When the server says in the order of the protocol
 * that it is going away, and has echoed each, the rest is said on a new one, as clients do.
 */
export async function converse({ target, ms, every }: Conversation): Promise<Outcome> {
  const end = performance.now() + ms;
  for (;;) {
    const outcome = await one({ target, ms: end - performance.now(), every });
    if (outcome !== 'going away') return outcome;
    if (end <= performance.now()) return null;
  }
}

function one({ target, ms, every }: Conversation): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${target.protocol === 'http' ? 'ws' : 'wss'}://${target.host}:${target.port}/`);
    let sentCount = 0;
    let echoed = 0;
    let state: 'opening' | 'open' | 'closing' = 'opening';
    let sending: NodeJS.Timeout | undefined;
    let closing: NodeJS.Timeout | undefined;
    const send = (): void => {
      sentCount += 1;
      socket.send(String(sentCount));
    };
    const close = (): void => {
      state = 'closing';
      clearInterval(sending);
      // It closes when the last echo has come.
      if (echoed === sentCount) socket.close();
    };
    socket.addEventListener('open', () => {
      state = 'open';
      send();
      sending = setInterval(send, every);
      closing = setTimeout(close, ms);
    });
    socket.addEventListener('message', ({ data }) => {
      echoed += 1;
      if (data !== String(echoed)) socket.close(4_000, 'out of order');
      else if (state === 'closing' && echoed === sentCount) socket.close();
    });
    socket.addEventListener('error', () => {});
    socket.addEventListener('close', ({ wasClean, code }) => {
      clearInterval(sending);
      clearTimeout(closing);
      if (state === 'opening') resolve('not opened');
      else if (state === 'closing' && echoed === sentCount) resolve(null);
      else if (wasClean && code === GOING_AWAY && echoed === sentCount) resolve('going away');
      else resolve(wasClean ? 'closed' : 'cut');
    });
  });
}
