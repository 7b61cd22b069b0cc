import { closeSync, openSync, readlinkSync, readSync } from 'node:fs';

/** Bytes per read(2); the kernel may return less, usually a page. */
const CHUNK = 65_536;
const NEWLINE = 10;

/** Receives one line: bytes `start` to `end` of a buffer that is overwritten after the call. */
export type LineReader = (buffer: Buffer, start: number, end: number) => void;

/**
 * Reads a table of a process's network namespace (`tcp`, `tcp6`; proc_pid_net(5)) line by line; our own namespace's where that
 * of the process may not be read. False: neither may be read.
 */
export function readNetTable(pid: number, name: string, readLine: LineReader): boolean {
  return [`/proc/${pid}/net/${name}`, `/proc/net/${name}`].some((path) => readLines(path, readLine));
}

/** Identifies the network namespace of a process (namespaces(7)); where it may not be read, our own is assumed. */
export function networkNamespaceOf(pid: number | 'self'): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return pid === 'self' ? '' : networkNamespaceOf('self');
  }
}

function readLines(path: string, readLine: LineReader): boolean {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return false;
  }
  try {
    const buffer = Buffer.allocUnsafe(CHUNK);
    let kept = 0;
    for (;;) {
      const length = readSync(file, buffer, kept, CHUNK - kept, null);
      if (length === 0) return true;
      const end = kept + length;
      let start = 0;
      for (let newline = buffer.indexOf(NEWLINE); newline >= 0 && newline < end; ) {
        readLine(buffer, start, newline);
        start = newline + 1;
        newline = buffer.indexOf(NEWLINE, start);
      }
      buffer.copyWithin(0, start, end);
      kept = end - start;
    }
  } catch {
    return false;
  } finally {
    closeSync(file);
  }
}
