import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import type { Cell, Circumstances, Played } from '../../test/rig/rollout/cell.ts';
import { cleanEnvironment } from '../../test/rig/supervised.ts';

const PLAYER = new URL('player.ts', import.meta.url).pathname;

export type Job = {
  readonly cell: Cell;
  readonly circumstances: Circumstances;
  /** Milliseconds until it starts, so that the cells do not start their rollouts together. */
  readonly delay: number;
};

/** A cell and its result. */
export type Result = Cell & Played;

/** As many as two processors play without answers that take seconds: 24 at once, with TLS among them, took 112 s for some. */
const SIDE_BY_SIDE = 4 * availableParallelism();

/**
 * Plays the cells side by side, as many as the machine can, each in its own process, so that a stalled one does not stall the
 * others.
 */
export async function playAll(
  cells: readonly Cell[],
  circumstances: Circumstances,
  progress: (done: string) => void,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < cells.length; from += SIDE_BY_SIDE) {
    const group = cells.slice(from, from + SIDE_BY_SIDE);
    const played = group.map(async (cell, index) => {
      const delay = (circumstances.interval / group.length) * index;
      return { ...cell, ...(await playApart({ cell, circumstances, delay })) };
    });
    results.push(...(await Promise.all(played)));
    progress(`${results.length} of ${cells.length}`);
  }
  return results;
}

async function playApart(job: Job): Promise<Played> {
  const child = fork(PLAYER, [JSON.stringify(job)], { env: cleanEnvironment(), stdio: 'inherit' });
  const { contender, onTerm } = job.cell;
  const early = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`cannot measure ${contender} with an app that ${onTerm}: its process ended with ${code ?? signal}`);
  });
  const [played] = await Promise.race([once(child, 'message'), early]);
  early.catch(() => {});
  return played as Played;
}
