import { fork } from 'node:child_process';
import { once } from 'node:events';
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

/** Plays all cells side by side, each in its own process, so that a stalled one does not stall the others. */
export function playAll(
  cells: readonly Cell[],
  circumstances: Circumstances,
  progress: (done: string) => void,
): Promise<readonly Result[]> {
  let done = 0;
  return Promise.all(
    cells.map(async (cell, index) => {
      const delay = (circumstances.interval / cells.length) * index;
      const played = await playApart({ cell, circumstances, delay });
      done += 1;
      progress(`${done} of ${cells.length}`);
      return { ...cell, ...played };
    }),
  );
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
