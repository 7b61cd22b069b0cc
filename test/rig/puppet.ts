import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { soon, until } from './deadline.ts';
import { type Start, type Supervised, start } from './supervised.ts';

const PUPPET_APP: string = new URL('./puppet-app.js', import.meta.url).pathname;

/**
 * An app that the test controls: it connects to the test over a Unix socket, reports each signal that it receives, and carries
 * out commands (puppet-app.js).
 */
export type Puppet = {
  /** Sends a command and waits for its result. */
  readonly tell: <T = unknown>(command: PuppetCommand) => Promise<T>;
  /** The signals that it has received, in order. */
  readonly signals: () => readonly string[];
  readonly received: (signal: string) => Promise<void>;
  /** Waits until it holds so many requests. */
  readonly holds: (count: number) => Promise<void>;
  readonly pid: number;
};

export type PuppetCommand =
  | { readonly do: 'catch'; readonly signals: readonly string[] }
  /** Exits with a code when the signal comes. */
  | { readonly do: 'exitOn'; readonly signal: string; readonly code: number }
  | { readonly do: 'listen'; readonly port: number; readonly host?: string; readonly backlog?: number }
  /** Returns the number of connections that it has accepted. */
  | { readonly do: 'accepted' }
  /** Changes its uid for good. */
  | { readonly do: 'become'; readonly uid: number }
  /**
   * Serves HTTP, over TLS with `tls`, or HTTP/2 without TLS. `/held` is answered after `release`, `/upload` when all of it has
   * come, anything else at once.
   */
  | {
      readonly do: 'serve';
      readonly port: number;
      readonly host?: string;
      readonly status?: number;
      readonly tls?: { readonly key: string; readonly cert: string; readonly maxVersion: 'TLSv1.2' | 'TLSv1.3' };
      readonly isHttp2?: boolean;
    }
  | { readonly do: 'answer'; readonly status: number }
  /** Returns the number of held requests. */
  | { readonly do: 'held' }
  /** Answers the held requests, and returns their number. */
  | { readonly do: 'release' }
  /** Stops listening; open connections stay. */
  | { readonly do: 'unlisten' }
  | { readonly do: 'describe' }
  | { readonly do: 'exit'; readonly code: number }
  | { readonly do: 'killSelf'; readonly signal: string }
  /** Starts a child in its group (`detached: false`) or in a new session; returns the pid. */
  | { readonly do: 'spawn'; readonly command: readonly string[]; readonly detached: boolean };

export type SupervisedPuppet = Supervised & { readonly puppet: Puppet };

/** Starts k8s-run with a puppet as its app, and waits until the puppet has connected. */
export async function startPuppet(options: readonly string[], how: Start = {}): Promise<SupervisedPuppet> {
  const folder = await mkdtemp(join(tmpdir(), 'puppet-'));
  const path = join(folder, 'socket');
  const signals: string[] = [];
  const answers = new Map<number, (value: unknown) => void>();
  const connected = Promise.withResolvers<Socket>();
  const hello = Promise.withResolvers<number>();
  const server = createServer((socket) => {
    connected.resolve(socket);
    let text = '';
    socket.on('error', () => {});
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        const message = JSON.parse(text.slice(0, end));
        text = text.slice(end + 1);
        if ('hello' in message) hello.resolve(message.hello);
        else if ('signal' in message) signals.push(message.signal);
        else answers.get(message.id)?.(message.value);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const supervised = start(options, [process.execPath, PUPPET_APP, path], how);
  const transcript = (): string => `--- stderr\n${supervised.stderr()}`;
  let pid: number;
  try {
    pid = await soon('the connection of the puppet', hello.promise, transcript);
  } catch (error) {
    server.close();
    await supervised[Symbol.asyncDispose]();
    throw error;
  }
  const socket = await connected.promise;
  let next = 0;
  const puppet: Puppet = {
    pid,
    signals: () => signals,
    received: async (signal) => {
      await until(`the puppet receives ${signal}`, () => signals.includes(signal), transcript);
    },
    holds: async (count) => {
      await until(`${count} requests are held`, async () => (await puppet.tell({ do: 'held' })) === count, transcript);
    },
    tell<T>(command: PuppetCommand): Promise<T> {
      next += 1;
      const id = next;
      const answered = new Promise<T>((resolve) => answers.set(id, resolve as (value: unknown) => void));
      socket.write(`${JSON.stringify({ id, ...command })}\n`);
      return command.do === 'exit' || command.do === 'killSelf'
        ? Promise.resolve(undefined as T)
        : soon(`the puppet's answer to ${command.do}`, answered, transcript);
    },
  };
  return {
    ...supervised,
    puppet,
    async [Symbol.asyncDispose]() {
      socket.destroy();
      server.close();
      await supervised[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
