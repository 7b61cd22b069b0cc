import { json } from 'node:stream/consumers';
import { start } from './processes.ts';

const WORKER = new URL('./load-worker.js', import.meta.url).pathname;

/** The result of a load; times in milliseconds. */
export type Load = {
  readonly answers: number;
  /** Answers with a status other than 200. */
  readonly failed: number;
  readonly took: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
};

/** Sends requests one after the other on each connection, `requests` in total or for `duration` milliseconds. */
export async function loadOn(
  url: string,
  how: { readonly connections: number } & ({ readonly requests: number } | { readonly duration: number }),
): Promise<Load> {
  const requests = 'requests' in how ? how.requests : 0;
  const duration = 'duration' in how ? how.duration : 0;
  const words = [url, how.connections, requests, duration].map(String);
  await using started = start([process.execPath, WORKER, ...words], ['ignore', 'pipe', 'inherit']);
  if (started.child.stdout === null) throw new Error('internal error: no pipe to the load');
  const load = (await json(started.child.stdout)) as Load;
  if (load.failed > 0) throw new Error(`cannot measure ${url}: ${load.failed} of ${load.answers} answers were not 200`);
  return load;
}
