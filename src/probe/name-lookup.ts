import dns from 'node:dns';

type Callback = (error: NodeJS.ErrnoException | null, ...result: unknown[]) => void;
type Lookup = (name: string, options: unknown, answered: Callback) => void;
/**
 * getaddrinfo(3) takes a thread of libuv's pool, which has four, until a name server answers or 5 to 40 s are over. The rest
 * of the pool stays free for files and the log.
 */
const MOST_THREADS = 2;

let isLimited = false;

/**
 * From now on only one lookup of a name is under way at a time, whose answer all that ask for it get, and no more than two of
 * different names. It holds for every connection of this process, because node:net, undici and node:http2 call dns.lookup,
 * which knows the hosts file and the search list that short names of Kubernetes need.
 */
export function limitNameLookups(): void {
  if (isLimited) return;
  isLimited = true;
  dns.lookup = limited(dns.lookup as unknown as Lookup) as unknown as typeof dns.lookup;
}

/** The same for one lookup function. */
export function limited(lookup: Lookup): Lookup {
  const askers = new Map<string, Callback[]>();
  const waiting: (() => void)[] = [];
  let running = 0;

  return (name, given, last) => {
    const [options, answered] = typeof given === 'function' ? [{}, given as Callback] : [given, last];
    const key = JSON.stringify([name, options]);
    const others = askers.get(key);
    if (others !== undefined) {
      others.push(answered);
      return;
    }
    askers.set(key, [answered]);
    const start = (): void => {
      running += 1;
      lookup(name, options, (...answer) => {
        running -= 1;
        const all = askers.get(key) ?? [];
        askers.delete(key);
        waiting.shift()?.();
        for (const each of all) each(...answer);
      });
    };
    if (running < MOST_THREADS) start();
    else waiting.push(start);
  };
}
