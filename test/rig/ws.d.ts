/** The part of ws that the tests use; it has no types of its own. */
declare module 'ws' {
  import type { EventEmitter } from 'node:events';
  export class WebSocket extends EventEmitter {
    constructor(url: string);
    send(message: string): void;
    ping(): void;
    terminate(): void;
  }
}
