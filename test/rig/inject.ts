import type { Start } from './supervised.ts';

/** The ways in which Node can be made to fail under k8s-run; see inject.mjs. */
export type InjectedFault =
  | 'connect throws'
  | 'connect throws later'
  | 'writeHead throws'
  | 'http throws on a connection'
  | 'http throws on a request'
  | 'writeSync throws'
  | 'toISOString throws'
  | 'kill throws'
  | 'get throws'
  | 'groupBy throws'
  | 'no table of connections'
  | 'a stray exception'
  | 'a stray rejection';

/**
 * Starts k8s-run on a Node that fails `times` times. `key`: which port, signal or key it fails at. The app's Node is
 * sound.
 */
export function withFault(fault: InjectedFault, { times = 1, key = 0 }: { times?: number; key?: number } = {}): Start {
  const url = new URL('./inject.mjs', import.meta.url);
  url.search = new URLSearchParams({ fault, times: String(times), key: String(key) }).toString();
  return { nodeOptions: [`--import=${url}`] };
}
