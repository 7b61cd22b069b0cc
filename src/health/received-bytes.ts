import { type BoundSocket, Socket } from 'node:net';

/** Bytes of one read. A usual request takes 200; what is longer takes several reads. */
const SIZE = 4 * 1024;
/** Shared by all connections, because what is read is used before the next read: a flood costs no buffer of its own. */
const buffer = Buffer.allocUnsafeSlow(SIZE);

/** What `net` keeps of an accepted connection: it is in no documentation, and has been there since Node 0.x. */
type Accepted = Socket & { _handle?: (BoundSocket & { readonly fd?: number }) | undefined };

/** The number of the descriptor, which is the lowest that was free; -1: unknown. */
export function descriptorOf(socket: Socket): number {
  return (socket as Accepted)._handle?.fd ?? -1;
}

/**
 * Reads a paused connection into the shared buffer: `net` would allocate 64 KiB for each read, which only a garbage collection
 * frees. `take` gets the bytes as Latin-1 text, and says whether to go on; `resume` of the socket reads on after that.
 *
 * Only a socket that is made with it has a buffer of its own (`onread`), so one is made of the accepted one's handle, which is
 * left without.
 */
export function readInto(accepted: Socket, take: (text: string) => boolean): Socket {
  const handle = (accepted as Accepted)._handle;
  const callback = (length: number): boolean => take(buffer.toString('latin1', 0, length));
  const socket = new Socket({ handle, allowHalfOpen: true, onread: { buffer, callback } });
  (accepted as Accepted)._handle = undefined;
  return socket;
}
