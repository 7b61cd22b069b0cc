import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Whose fault was it? Work runs inside the domain of a room; an exception that nobody caught, wherever the event loop had
 * carried it, is put down to the room in which the work began.
 */
export type FaultDomain =
  | 'lifecycle'
  | 'process'
  | 'probe'
  | 'health'
  | 'log'
  | 'resources'
  | 'connections'
  | 'hooks'
  | 'mounted';

const domains = new AsyncLocalStorage<FaultDomain>();

export function runInside<T>(domain: FaultDomain, work: () => T): T {
  return domains.run(domain, work);
}

/** The domain of the work under way; work outside every domain is the core's, and counts as the lifecycle's. */
export function currentDomain(): FaultDomain {
  return domains.getStore() ?? 'lifecycle';
}

/** Calls back with every exception and rejection that nobody caught. Nothing is printed here. */
export function watchForFaults(faulted: (domain: FaultDomain, error: Error) => void): void {
  process.on('uncaughtException', (error: unknown) => {
    faulted(currentDomain(), error instanceof Error ? error : new Error(String(error)));
  });
}
