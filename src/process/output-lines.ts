import type { Readable } from 'node:stream';

/** Receives the output of a command. `after`: calls back once, after so many milliseconds. */
export type OutputListener = {
  readonly line: (text: string) => void;
  readonly after: (delay: number, call: () => void) => void;
};

/** A longer line is cut, because output without a newline must not fill the memory. */
const MAX_LINE = 4_096;
/** Milliseconds in which output from before the exit is still read. A process that has the pipe open after that was left behind. */
const READ_AFTER_EXIT = 200;

/**
 * Calls back for each line. Returns what to call when the command has exited: what it wrote before is still read, and then
 * the pipes are closed, whichever process has them open.
 */
export function readOutputLines(
  outputs: readonly (Readable | null | undefined)[],
  listener: OutputListener,
): () => void {
  const streams = outputs.filter((stream) => stream !== null && stream !== undefined);
  for (const stream of streams) readLines(stream, listener.line);
  return () =>
    listener.after(READ_AFTER_EXIT, () => {
      for (const stream of streams) stream.destroy();
    });
}

function readLines(stream: Readable, line: (text: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = `${rest}${text}`.split('\n');
    rest = (lines.pop() ?? '').slice(0, MAX_LINE);
    for (const each of lines) line(each.slice(0, MAX_LINE));
  });
  stream.on('close', () => {
    if (rest !== '') line(rest);
  });
  // A pipe that cannot be read any more has no more output.
  stream.on('error', () => {});
}
