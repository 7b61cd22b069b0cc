import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Whose fault was it? Work runs inside its room; an exception that nobody caught, wherever the event loop had carried it,
 * is put down to the room that the work began in.
 */
export type FaultDomain =
  | 'lifecycle'
  | 'process'
  | 'probe'
  | 'health'
  | 'log'
  | 'container'
  | 'memory'
  | 'hook'
  | 'mounted';

const rooms = new AsyncLocalStorage<FaultDomain>();

export function runInside<T>(room: FaultDomain, work: () => T): T {
  return rooms.run(room, work);
}

/** The room of the work under way; what belongs to no room is the core's, and counts as the lifecycle's. */
export function currentDomain(): FaultDomain {
  return rooms.getStore() ?? 'lifecycle';
}

/** Calls back with every exception and rejection that nobody caught. Nothing of them is printed here. */
export function watchForFaults(faulted: (room: FaultDomain, error: Error) => void): void {
  process.on('uncaughtException', (error: unknown) => {
    faulted(currentDomain(), error instanceof Error ? error : new Error(String(error)));
  });
}
