import dns from 'node:dns';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

type Callback = (error: NodeJS.ErrnoException | null, ...result: unknown[]) => void;
type Lookup = (name: string, options: unknown, answered: Callback) => void;
/**
 * getaddrinfo(3) takes a thread of libuv's pool, which has four, until a name server answers or 5 to 40 s are over. One stays free
 * for files, the log, and names that no name server is asked for.
 */
const MOST_THREADS = 3;

let isLimited = false;

/**
 * From now on only one lookup of a name is under way at a time, whose answer all that ask for it get, and no more than three of
 * different names; those of the hosts file never wait. It holds for every connection of this process, because node:net, undici and node:http2 call dns.lookup,
 * which knows the hosts file and the search list that short names of Kubernetes need.
 */
export function limitNameLookups(): void {
  if (isLimited) return;
  isLimited = true;
  dns.lookup = limited(dns.lookup as unknown as Lookup, isLocal) as unknown as typeof dns.lookup;
}

/** Whether the answer needs no name server: an address, localhost (RFC 6761, 6.3), or a name of the hosts file (hosts(5)). */
function isLocal(name: string): boolean {
  if (isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost')) return true;
  try {
    return readFileSync('/etc/hosts', 'utf8')
      .split('\n')
      .some((line) => line.replace(/#.*/, '').trim().split(/\s+/).slice(1).includes(name));
  } catch {
    return false;
  }
}

/** The same for one lookup function; `isAnsweredAtOnce`: the names that never wait. */
export function limited(lookup: Lookup, isAnsweredAtOnce: (name: string) => boolean = () => false): Lookup {
  const askers = new Map<string, Callback[]>();
  const waiting: (() => void)[] = [];
  let running = 0;

  return (name, given, last) => {
    const [options, answered] = typeof given === 'function' ? [{}, given as Callback] : [given, last];
    if (isAnsweredAtOnce(name)) return lookup(name, options, answered);
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
