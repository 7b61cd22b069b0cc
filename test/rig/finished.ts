import { type Ended, type Line, type Start, start, startWords } from './supervised.ts';

/** A k8s-run that ran to its end, and what it left to read. */
export type Finished = Ended & {
  readonly lines: readonly Line[];
  readonly events: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
};

/** `k8s-run <options> -- <command>`, to its end. */
export async function finish(options: readonly string[], command: readonly string[], how?: Start): Promise<Finished> {
  await using run = start(options, command, how);
  return told(run, await run.ended());
}

/** The whole command line as it is, to its end. */
export async function finishWords(words: readonly string[], how?: Start): Promise<Finished> {
  await using run = startWords(words, how);
  return told(run, await run.ended());
}

/** The last line of the log, which is the last thing that k8s-run says. */
export function lastLine({ lines, stderr }: Pick<Finished, 'lines' | 'stderr'>): Line {
  const line = lines.at(-1);
  if (line === undefined) throw new Error(`no line of the log in\n${stderr}`);
  return line;
}

/** Like Promise.all over `work`, with no more than `width` under way. */
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

function told(run: ReturnType<typeof start>, ended: Ended): Finished {
  return { ...ended, lines: run.lines(), events: run.events(), stdout: run.stdout(), stderr: run.stderr() };
}
