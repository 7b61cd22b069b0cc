import { createServer } from 'node:net';

/** Below the ports that Linux gives to outgoing connections (32768 and up), which could take one between look and use. */
const FIRST = 11_000;
const COUNT = 20_000;

/** How many ports one deployment may use up. */
const BLOCK = 200;

/** A block of ports for each deployment of one run; runs that share the machine begin elsewhere. */
export const firstPort = (block: number): number => FIRST + (((process.pid * 7 + block) * BLOCK) % COUNT);

/**
 * One after the other from `first` on, never the same one twice until all were had, so that a late connection cannot reach
 * another pod; those that somebody holds are passed over.
 */
export function portsFrom(first: number): () => Promise<number> {
  let taken = 0;
  return async () => {
    for (let tries = 0; tries < COUNT; tries += 1) {
      const port = FIRST + ((first - FIRST + taken) % COUNT);
      taken += 1;
      if (await isFree(port)) return port;
    }
    throw new Error(`cannot find a free port from ${first} on`);
  };
}

/** Whether nobody listens on it. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
