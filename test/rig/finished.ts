import { type Ended, type Line, type Start, start, startWords } from './supervised.ts';

/** A k8s-run that has exited, with its log and output. */
export type Finished = Ended & {
  readonly lines: readonly Line[];
  readonly events: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
};

/** Runs `k8s-run <options> -- <command>` to its end. */
export async function finish(options: readonly string[], command: readonly string[], how?: Start): Promise<Finished> {
  await using run = start(options, command, how);
  return finishedOf(run, await run.ended());
}

/** Runs k8s-run with these words to its end. */
export async function finishWords(words: readonly string[], how?: Start): Promise<Finished> {
  await using run = startWords(words, how);
  return finishedOf(run, await run.ended());
}

/** The last line of the log. */
export function lastLine({ lines, stderr }: Pick<Finished, 'lines' | 'stderr'>): Line {
  const line = lines.at(-1);
  if (line === undefined) throw new Error(`no line of the log in\n${stderr}`);
  return line;
}

/** Like Promise.all over `work`, with at most `width` at the same time. */
export async function inBatches<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  for (let index = 0; index < items.length; index += width) {
    results.push(...(await Promise.all(items.slice(index, index + width).map(work))));
  }
  return results;
}

function finishedOf(run: ReturnType<typeof start>, ended: Ended): Finished {
  return { ...ended, lines: run.lines(), events: run.events(), stdout: run.stdout(), stderr: run.stderr() };
}
