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
      readTable(path, (line) => {
        const connection = readRow(line, family, ends);
        if (connection !== null) found.push(connection);
      }),
    );
  });
  return read.includes(true) ? found : null;
}

/** Hands over each line but the first, as bytes that are only good until the next; false when it cannot be read. */
function readTable(path: string, take: (line: Buffer) => void): boolean {
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
        take(buffer.subarray(start, newline));
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

/** Reads one row; what is no row, or is of another end or state, is null. All fields up to the queues have fixed widths. */
export function readRow(line: Buffer, family: Family, ends: LocalEnds): Connection | null {
  const width = family === 4 ? 8 : 32;
  const local = line.indexOf(COLON) + 2;
  const remote = local + width + 6;
  const rest = remote + width + 6;
  if (local < 2 || line.length < rest + 20) return null;
  const state = hex(line, rest, 2);
  if (!STATES.includes(state)) return null;
  const addresses = ends.get(endKey(family, hex(line, local + width + 1, 4)));
  if (addresses === undefined) return null;
  const address = line.toString('latin1', local, local + width);
  if (addresses !== 'all' && !addresses.has(parseAddress(address))) return null;
  return {
    key: line.toString('latin1', local, rest),
    state,
    isFromHere: address === line.toString('latin1', remote, remote + width),
    remotePort: hex(line, remote + width + 1, 4),
    unsent: hex(line, rest + 3, 8),
    unread: hex(line, rest + 12, 8),
    last: null,
  };
}

function hex(line: Buffer, start: number, length: number): number {
  let value = 0;
  for (let index = start; index < start + length; index += 1) {
    const digit = line[index] ?? 0;
    value = value * 16 + (digit >= 65 ? digit - 55 : digit - 48);
  }
  return value;
}
