import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Whose fault was it? Work runs inside its room; an exception that nobody caught, wherever the event loop had carried it,
 * is put down to the room that the work began in.
 */
export type Room = 'lifecycle' | 'process' | 'probe' | 'health' | 'log' | 'container' | 'memory' | 'hook' | 'mounted';

const rooms = new AsyncLocalStorage<Room>();

export function inside<T>(room: Room, work: () => T): T {
  return rooms.run(room, work);
}

/** The room of the work under way; what belongs to no room is the core's, and counts as the lifecycle's. */
export function currentRoom(): Room {
  return rooms.getStore() ?? 'lifecycle';
}

/** Calls back with every exception and rejection that nobody caught. Nothing of them is printed here. */
export function watchForFaults(faulted: (room: Room, error: Error) => void): void {
  process.on('uncaughtException', (error: unknown) => {
    faulted(currentRoom(), error instanceof Error ? error : new Error(String(error)));
  });
}
