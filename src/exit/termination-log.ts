import { closeSync, constants, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';

/** Where Kubernetes has it unless terminationMessagePath names another; made by the kubelet, empty. */
export const TERMINATION_LOG = '/dev/termination-log';
/** What the kubelet reads of it, in bytes: the last ones (pkg/kubelet/container, MaxContainerTerminationMessageLength). */
export const TERMINATION_LOG_SIZE = 4_096;
/** Behind words of the app's own, less than this is not worth saying. */
const LEAST_ROOM = 256;
const NOT_REGULAR = 'not a regular file';

const { O_WRONLY, O_NONBLOCK, O_NOCTTY, O_CREAT } = constants;

/**
 * Writes why the container ended. What the app has written there since `since` (milliseconds since the epoch) is kept and
 * comes first; what is older is another life's and is replaced. A file that was not `chosen` is written only if it
 * exists. Returns what is wrong, as the cause of a "cannot write", or null. Nothing but a regular file is written to: a
 * FIFO or a device might hold the exit, or be somebody's terminal. It is not left to the thread pool: libuv aborts where no
 * thread may be started, and that is a death to be certified too.
 */
export function writeTerminationLog(path: string, chosen: boolean, text: string, since: number): string | null {
  let file: number;
  try {
    file = openSync(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | (chosen ? O_CREAT : 0), 0o644);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !chosen) return null;
    // A FIFO that nobody reads, or a socket: open(2).
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

/** The beginning of a text, in at most so many bytes of UTF-8, no character halved. */
export function cut(text: string, bytes: number): string {
  const all = Buffer.from(text);
  if (all.length <= bytes) return text;
  let end = bytes - Buffer.byteLength('…');
  // 10xxxxxx: the middle of a character.
  while (end > 0 && ((all[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${all.subarray(0, end).toString()}…`;
}
