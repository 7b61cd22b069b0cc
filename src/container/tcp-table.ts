import { closeSync, openSync, readSync } from 'node:fs';
import { type Connection, endKey, type Family, type LocalEnds, STATES } from './connection.ts';
import { parseAddress } from './sockets.ts';

/** So much is asked for at a time; the kernel gives what it likes, usually a page. */
const CHUNK = 65_536;
const NEWLINE = 10;
const COLON = 58;

/**
 * The connections of these local ends from /proc/pid/net/tcp and tcp6 (proc_pid_net(5)), without the times. null when
 * neither can be read.
 */
export function connectionsIn(app: number, ends: LocalEnds): readonly Connection[] | null {
  const found: Connection[] = [];
  const read = ([4, 6] as const).map((family) => {
    const name = family === 4 ? 'tcp' : 'tcp6';
    return [`/proc/${app}/net/${name}`, `/proc/net/${name}`].some((path) =>
      readTable(path, (buffer, start, end) => {
        const connection = readRow(buffer, start, end, family, ends);
        if (connection !== null) found.push(connection);
      }),
    );
  });
  return read.includes(true) ? found : null;
}

/** Hands over each line, as bytes that are only good until the next; false when it cannot be read. */
function readTable(path: string, take: (buffer: Buffer, start: number, end: number) => void): boolean {
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
        take(buffer, start, newline);
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

/**
 * Reads one row; the heading, and what is of another end or state, is null. All fields from the number's colon to the
 * queues have fixed widths.
 */
export function readRow(
  buffer: Buffer,
  start: number,
  end: number,
  family: Family,
  ends: LocalEnds,
): Connection | null {
  const width = family === 4 ? 8 : 32;
  const local = buffer.indexOf(COLON, start) + 2;
  const remote = local + width + 6;
  const rest = remote + width + 6;
  if (local < 2 || rest + 20 > end) return null;
  const addresses = ends.get(endKey(family, hex(buffer, local + width + 1, 4)));
  const state = hex(buffer, rest, 2);
  if (addresses === undefined || !STATES.includes(state)) return null;
  if (addresses !== 'all' && !addresses.has(parseAddress(buffer.toString('latin1', local, local + width)))) return null;
  return {
    key: hash(buffer, local, rest),
    state,
    isFromHere: buffer.compare(buffer, remote, remote + width, local, local + width) === 0,
    remotePort: hex(buffer, remote + width + 1, 4),
    unsent: hex(buffer, rest + 3, 8),
    unread: hex(buffer, rest + 12, 8),
    info: null,
  };
}

function hex(buffer: Buffer, start: number, length: number): number {
  let value = 0;
  for (let index = start; index < start + length; index += 1) {
    const digit = buffer[index] ?? 0;
    value = value * 16 + (digit >= 65 ? digit - 55 : digit - 48);
  }
  return value;
}

/** 53 bits of both ends, as FNV-1a makes them: a string of each of ten thousand would be what costs most. */
function hash(buffer: Buffer, start: number, end: number): number {
  let one = 0x811c_9dc5;
  let other = 0x1b87_3593;
  for (let index = start; index < end; index += 1) {
    one = Math.imul(one ^ (buffer[index] ?? 0), 0x0100_0193);
    other = Math.imul(other ^ (buffer[index] ?? 0), 0x85eb_ca6b);
  }
  return (one >>> 0) * 2 ** 21 + (other >>> 11);
}
