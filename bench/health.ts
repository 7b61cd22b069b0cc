import { Agent, request } from 'node:http';
import { soon } from '../test/rig/deadline.ts';
import { linesOf } from '../test/rig/supervised.ts';
import type { Started } from './processes.ts';

/** The URL of the health port, from the log of a k8s-run whose stderr is a pipe. */
export function healthUrl({ child }: Started): Promise<string> {
  let text = '';
  const found = new Promise<string>((resolve) => {
    child.stderr?.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      const health = linesOf(text).find(({ event }) => event === 'starting')?.['health'];
      if (typeof health === 'string') resolve(health.replace('[::]', '127.0.0.1'));
    });
  });
  return soon('the line that names the health port', found, () => text);
}

export function keptAlive(): Disposable & { readonly agent: Agent } {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return { agent, [Symbol.dispose]: () => agent.destroy() };
}

export function statusOf(url: string, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { agent, timeout: 10_000 }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    })
      .on('timeout', () => reject(new Error('the health server did not answer')))
      .on('error', reject)
      .end();
  });
}
