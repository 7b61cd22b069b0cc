import { between, type Random, type Range } from './random.ts';

/** Where connections may be routed. */
export type Endpoint = { readonly host: string; readonly port: number };

/** The endpoints of a Service, as each node of a cluster knows them. */
export type Routes<E extends Endpoint = Endpoint> = {
  /** Tells all nodes; each learns of the change after a lag of its own. Returns the time at which the last one has. */
  readonly change: (endpoint: E, to: 'serving' | 'leaving', now: number) => number;
  /** Where a random node routes a new connection; undefined: it knows no endpoint. */
  readonly pick: (now: number) => E | undefined;
};

export type RouteOptions = { readonly nodes: number; readonly lag: Range; readonly random: Random };

/**
 * Behaves as kube-proxy. Each node learns of a change late, after a random lag in milliseconds, but of all changes in their
 * order, because they come through one watch. A new connection goes to any endpoint that the node knows (iptables
 * `--mode random`). What a node knows is computed from the clock at each look-up, so no timer can be late.
 */
export function routes<E extends Endpoint>({ nodes, lag, random }: RouteOptions): Routes<E> {
  const tables = Array.from({ length: nodes }, nodeTable<E>);
  return {
    change(endpoint, to, now) {
      return Math.max(...tables.map(({ learn }) => learn({ endpoint, to, at: now + between(random, lag) })));
    },
    pick(now) {
      const known = tables[Math.floor(random() * nodes)]?.known(now) ?? [];
      return known[Math.floor(random() * known.length)];
    },
  };
}

type RouteChange<E> = { readonly endpoint: E; readonly to: 'serving' | 'leaving'; readonly at: number };

function nodeTable<E>() {
  const serving = new Set<E>();
  let pending: readonly RouteChange<E>[] = [];
  return {
    /** Returns the time at which the node knows of it, which is not before it knows of earlier changes. */
    learn(change: RouteChange<E>): number {
      const at = Math.max(change.at, pending.at(-1)?.at ?? 0);
      pending = [...pending, { ...change, at }];
      return at;
    },
    known(now: number): readonly E[] {
      for (const { endpoint, to, at } of pending) {
        if (at > now) break;
        if (to === 'serving') serving.add(endpoint);
        else serving.delete(endpoint);
      }
      pending = pending.filter(({ at }) => at > now);
      return [...serving];
    },
  };
}
