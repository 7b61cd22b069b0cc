import type { Start } from './supervised.ts';

/** The faults that inject.mjs can cause in the Node that runs k8s-run. */
export type InjectedFault =
  | 'connect throws'
  | 'connect throws later'
  | 'toUTCString throws'
  | 'resume throws'
  | 'the exit of false throws'
  | 'writeSync throws'
  | 'toISOString throws'
  | 'kill throws'
  | 'get throws'
  | 'groupBy throws'
  | 'no table of connections'
  | 'no abstract socket'
  | 'no loopback port'
  | 'an uncaught exception'
  | 'an unhandled rejection';

/**
 * Runs k8s-run on a Node with a fault, which occurs `times` times. `key`: the port, signal or key at which it occurs. The
 * app's Node has no fault.
 */
export function withFault(fault: InjectedFault, { times = 1, key = 0 }: { times?: number; key?: number } = {}): Start {
  const url = new URL('./inject.mjs', import.meta.url);
  url.search = new URLSearchParams({ fault, times: String(times), key: String(key) }).toString();
  return { nodeOptions: [`--import=${url}`] };
}
