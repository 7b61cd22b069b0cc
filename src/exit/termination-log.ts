import { closeSync, constants, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';

/** The default of terminationMessagePath. The kubelet creates the file, empty. */
export const TERMINATION_LOG = '/dev/termination-log';
/** Bytes that the kubelet reads, from the end of the file (pkg/kubelet/container, MaxContainerTerminationMessageLength). */
export const TERMINATION_LOG_SIZE = 4_096;
/** Bytes. When the app's own text has left less room than this, nothing is written. */
const LEAST_ROOM = 256;
const NOT_REGULAR = 'not a regular file';

const { O_WRONLY, O_NONBLOCK, O_NOCTTY, O_CREAT } = constants;

/**
 * Writes why the container ended. What the app has written since `since` (milliseconds since the epoch) is kept before it;
 * older content is of an earlier container, and is replaced. A file that was not `chosen` is written only if it exists.
 * Returns the cause of a failure, or null. Only a regular file is written, because a FIFO or a device might block the exit,
 * or be a terminal. The write is synchronous, because libuv aborts where it cannot start a thread, which may be just why the
 * container ends.
 */
export function writeTerminationLog(path: string, chosen: boolean, text: string, since: number): string | null {
  let file: number;
  try {
    file = openSync(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | (chosen ? O_CREAT : 0), 0o644);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !chosen) return null;
    // A FIFO without a reader, or a socket: open(2).
    return code === 'ENXIO' ? NOT_REGULAR : (code ?? String(error));
  }
  try {
    const status = fstatSync(file);
    if (!status.isFile()) return NOT_REGULAR;
    const kept = status.mtimeMs >= since ? status.size : 0;
    const room = TERMINATION_LOG_SIZE - kept;
    if (room < LEAST_ROOM) return null;
    if (kept === 0) ftruncateSync(file);
    writeSync(file, cut(`${kept === 0 ? '' : '\n'}${text}`, room), kept);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    closeSync(file);
  }
}

/** The beginning of a text, in at most so many bytes of UTF-8, cut after a whole character. */
export function cut(text: string, bytes: number): string {
  const all = Buffer.from(text);
  if (all.length <= bytes) return text;
  let end = bytes - Buffer.byteLength('…');
  // A byte 10xxxxxx is not the first of its character.
  while (end > 0 && ((all[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${all.subarray(0, end).toString()}…`;
}
