import { between, type Random, type Range } from './random.ts';

/** Where connections may be sent. */
export type Endpoint = { readonly host: string; readonly port: number };

/** What each node of a cluster believes of a Service's endpoints. */
export type Routes<E extends Endpoint = Endpoint> = {
  /** Tells the nodes; each hears of it after a lag of its own. Gives the time at which the last one has. */
  readonly change: (endpoint: E, to: 'serving' | 'leaving', now: number) => number;
  /** Where a random node sends a new connection; undefined where it knows no endpoint. */
  readonly pick: (now: number) => E | undefined;
};

export type Lags = { readonly nodes: number; readonly lag: Range; readonly random: Random };

/**
 * As kube-proxy: a node hears of changes late, each after a random lag in milliseconds, but in the order in which they came
 * to be (they come through one watch), and sends a new connection to any of those it knows (iptables `--mode random`). What
 * a node knows is worked out from the clock whenever it is asked, so no timer can be late.
 */
export function routes<E extends Endpoint>({ nodes, lag, random }: Lags): Routes<E> {
  const tables = Array.from({ length: nodes }, table<E>);
  return {
    change(endpoint, to, now) {
      return Math.max(...tables.map(({ tell }) => tell({ endpoint, to, at: now + between(random, lag) })));
    },
    pick(now) {
      const known = tables[Math.floor(random() * nodes)]?.known(now) ?? [];
      return known[Math.floor(random() * known.length)];
    },
  };
}

type Change<E> = { readonly endpoint: E; readonly to: 'serving' | 'leaving'; readonly at: number };

function table<E>() {
  const serving = new Set<E>();
  let coming: readonly Change<E>[] = [];
  return {
    /** Gives the time at which it will have been heard: not before what was told earlier. */
    tell(change: Change<E>): number {
      const at = Math.max(change.at, coming.at(-1)?.at ?? 0);
      coming = [...coming, { ...change, at }];
      return at;
    },
    known(now: number): readonly E[] {
      for (const { endpoint, to, at } of coming) {
        if (at > now) break;
        if (to === 'serving') serving.add(endpoint);
        else serving.delete(endpoint);
      }
      coming = coming.filter(({ at }) => at > now);
      return [...serving];
    },
  };
}
