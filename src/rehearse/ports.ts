import { createServer } from 'node:net';

/** Below the ports that Linux gives to outgoing connections (32768 and up): one of those could take a port that was found free. */
const FIRST = 11_000;
const COUNT = 20_000;

/** How many ports one deployment may use. */
const BLOCK = 200;

/** The first port of a block, one block for each deployment of this process. Other processes begin at other ports. */
export const firstPort = (block: number): number => FIRST + (((process.pid * 7 + block) * BLOCK) % COUNT);

/**
 * Free ports in ascending order, from `first` on. None is given twice before all were, so that a late connection cannot reach
 * another pod.
 */
export function portsFrom(first: number): () => Promise<number> {
  let taken = 0;
  return async () => {
    for (let tries = 0; tries < COUNT; tries += 1) {
      const port = FIRST + ((first - FIRST + taken) % COUNT);
      taken += 1;
      if (await isFree(port)) return port;
    }
    throw new Error(`cannot find a free port: none of ${COUNT} from ${first} on is free`);
  };
}

/** Whether no process listens on the port. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
