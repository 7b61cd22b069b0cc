import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Range } from '../../../../src/rehearse/random.ts';
import { cleanEnvironment } from '../../supervised.ts';
import type { Kind, Work } from './kinds.ts';
import type { RequestCounts } from './request-counts.ts';
import type { Protocol } from './requests.ts';

const GENERATOR = new URL('generator.ts', import.meta.url).pathname;

/** The apps' certificate is self-signed, and Node's WebSocket has no option to accept it; Node would warn of that. */
export const LOAD_ENVIRONMENT: Readonly<Record<string, string>> = {
  NODE_TLS_REJECT_UNAUTHORIZED: '0',
  NODE_NO_WARNINGS: '1',
};

export type Plan = {
  /** Default: 127.0.0.1. */
  readonly host?: string;
  readonly port: number;
  readonly protocol: Protocol;
  /** The local ports of new connections, each used once. */
  readonly from?: Range;
  readonly seed: string;
  readonly perSecond: Readonly<Record<Kind, number>>;
  readonly work: Work;
};

export type LoadCounts = Readonly<Record<Kind, RequestCounts>>;

/** A steady load. It is a separate process, so that nothing else of the rig delays it. */
export type Load = AsyncDisposable & {
  /** The counts so far. */
  readonly look: () => Promise<LoadCounts>;
  /** Ends it after the requests in flight. */
  readonly stop: () => Promise<LoadCounts>;
};

export function startLoad(plan: Plan): Load {
  const child = fork(GENERATOR, [JSON.stringify(plan)], {
    env: { ...cleanEnvironment(), ...LOAD_ENVIRONMENT },
    stdio: 'inherit',
  });
  const gone = once(child, 'exit');
  const request = async (what: 'look' | 'stop'): Promise<LoadCounts> => {
    const answer = once(child, 'message');
    child.send(what);
    const early = gone.then(([code]) => Promise.reject(new Error(`the load's process ended early, with ${code}`)));
    const [counts] = await Promise.race([answer, early]);
    return counts as LoadCounts;
  };
  return {
    look: () => request('look'),
    stop: () => request('stop'),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await gone;
    },
  };
}
