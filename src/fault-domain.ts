import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * The room that a fault belongs to. Work runs inside the domain of a room, and so do all its callbacks; an uncaught exception
 * is attributed to the domain in which its work began.
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
  | 'mounted'
  | 'otlp';

const domains = new AsyncLocalStorage<FaultDomain>();

export function runInside<T>(domain: FaultDomain, work: () => T): T {
  return domains.run(domain, work);
}

/**
 * What runs a call in the domain that is the present one now, when it comes from elsewhere: a fault of it is attributed to that
 * domain. Inside a domain it runs a little later, because a synchronous call would leave the domain before its exception is seen.
 */
export function presentDomain(): (call: () => void) => void {
  const domain = domains.getStore();
  return (call) => (domain === undefined ? call() : domains.run(domain, () => process.nextTick(call)));
}

/** The domain of the running code. Code outside every domain belongs to the core, and counts as the lifecycle's. */
export function currentDomain(): FaultDomain {
  return domains.getStore() ?? 'lifecycle';
}

/** Calls back with every uncaught exception and unhandled rejection. Prints nothing. */
export function watchForFaults(faulted: (domain: FaultDomain, error: Error) => void): void {
  process.on('uncaughtException', (error: unknown) => {
    faulted(currentDomain(), error instanceof Error ? error : new Error(String(error)));
  });
}
