import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Range } from '../../../../src/rehearse/random.ts';
import { cleanEnvironment } from '../../supervised.ts';
import type { Kind, Work } from './kinds.ts';
import type { Tally } from './tally.ts';

const GENERATOR = new URL('generator.ts', import.meta.url).pathname;

export type Plan = {
  /** 127.0.0.1 where it is not said. */
  readonly host?: string;
  readonly port: number;
  /** The ports on this side that new connections come from, each once. */
  readonly from?: Range;
  readonly seed: string;
  readonly perSecond: Readonly<Record<Kind, number>>;
  readonly work: Work;
};

export type Tallies = Readonly<Record<Kind, Tally>>;

/** A steady load, made by a process of its own so that nothing else of the rig can make it falter. */
export type Load = AsyncDisposable & {
  /** The counts so far. */
  readonly look: () => Promise<Tallies>;
  /** Ends it, once what is under way has come to an end. */
  readonly stop: () => Promise<Tallies>;
};

export function startLoad(plan: Plan): Load {
  const child = fork(GENERATOR, [JSON.stringify(plan)], { env: cleanEnvironment(), stdio: 'inherit' });
  const gone = once(child, 'exit');
  const ask = async (what: 'look' | 'stop'): Promise<Tallies> => {
    const answer = once(child, 'message');
    child.send(what);
    const early = gone.then(([code]) => Promise.reject(new Error(`the load's process ended early, with ${code}`)));
    const [tallies] = await Promise.race([answer, early]);
    return tallies as Tallies;
  };
  return {
    look: () => ask('look'),
    stop: () => ask('stop'),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await gone;
    },
  };
}
