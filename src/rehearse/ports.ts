import { createServer } from 'node:net';

/** Below the ports that Linux gives to outgoing connections (32768 and up): one of those could take a port that was found free. */
const FIRST = 11_000;
const COUNT = 20_000;

/** How many ports one deployment may use. */
const BLOCK = 200;

/** The first port of a block, one block for each deployment of this process. Other processes mostly begin at other ports. */
export const firstPort = (block: number): number => FIRST + (((process.pid * 7 + block) * BLOCK) % COUNT);

/**
 * Free ports in ascending order, from `first` on. None is given twice before all were, so that a late connection cannot reach
 * another pod; nor to two processes, because an app listens a while after its port was found free.
 */
export function portsFrom(first: number): () => Promise<number> {
  let taken = 0;
  return async () => {
    for (let tries = 0; tries < COUNT; tries += 1) {
      const port = FIRST + ((first - FIRST + taken) % COUNT);
      taken += 1;
      if ((await isFree(port)) && (await claim(port))) return port;
    }
    throw new Error(`cannot find a free port: none of ${COUNT} from ${first} on is free`);
  };
}

/** Whether no process listens on the port. */
export const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });

/**
 * Claims a port until this process ends; false: another one has. By an abstract socket, which belongs to a network namespace as
 * ports do, and goes with its process (unix(7)). Other systems than Linux have none: there every port can be claimed.
 */
function claim(port: number): Promise<boolean> {
  if (process.platform !== 'linux') return Promise.resolve(true);
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(`\0k8s-run rehearse ${port}`, () => {
      server.unref();
      resolve(true);
    });
  });
}
