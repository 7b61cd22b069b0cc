import { parseAddress } from '../linux/listener-table.ts';
import { readNetTable } from '../linux/net-table.ts';
import { type Connection, endKey, type Family, type LocalEnds, STATES } from './connection.ts';

const COLON = 58;

/**
 * The connections of these local ends from /proc/pid/net/tcp and tcp6 (proc_pid_net(5)), without the times. null when
 * neither can be read.
 */
export function connectionsIn(app: number, ends: LocalEnds): readonly Connection[] | null {
  const found: Connection[] = [];
  const read = ([4, 6] as const).map((family) => {
    const name = family === 4 ? 'tcp' : 'tcp6';
    return readNetTable(app, name, (buffer, start, end) => {
      const connection = readRow(buffer, start, end, family, ends);
      if (connection !== null) found.push(connection);
    });
  });
  return read.includes(true) ? found : null;
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
