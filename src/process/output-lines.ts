import type { Readable } from 'node:stream';

/** Gets the output of a command, line by line. `after` calls back once, after so many milliseconds. */
export type OutputListener = {
  readonly line: (text: string) => void;
  readonly after: (delay: number, call: () => void) => void;
};

/** A line is cut here: a flood without a newline must not fill the memory. */
const LONGEST_LINE = 4_096;
/** What was written before the exit is read within this time; who still holds the pipe then is a process left behind. */
const LAST_OUTPUT = 200;

/**
 * Hands over what comes, line by line. Returns what to call when the command has ended: what it wrote before is still
 * read, and then nothing more, whoever else holds the pipes.
 */
export function readOutputLines(
  outputs: readonly (Readable | null | undefined)[],
  listener: OutputListener,
): () => void {
  const streams = outputs.filter((stream) => stream !== null && stream !== undefined);
  for (const stream of streams) hear(stream, listener.line);
  return () =>
    listener.after(LAST_OUTPUT, () => {
      for (const stream of streams) stream.destroy();
    });
}

function hear(stream: Readable, line: (text: string) => void): void {
  let begun = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = `${begun}${text}`.split('\n');
    begun = (lines.pop() ?? '').slice(0, LONGEST_LINE);
    for (const each of lines) line(each.slice(0, LONGEST_LINE));
  });
  stream.on('close', () => {
    if (begun !== '') line(begun);
  });
  // What cannot be read any more has no more to say.
  stream.on('error', () => {});
}
