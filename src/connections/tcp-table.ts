import { parseAddress } from '../linux/listener-table.ts';
import { readNetTable } from '../linux/net-table.ts';
import { COUNTED_STATES, type Connection, endpointKey, type IpVersion, type LocalEndpoints } from './connection.ts';

const COLON = 58;

/**
 * The connections to these endpoints from /proc/pid/net/tcp and tcp6 (proc_pid_net(5)), without tcp_info; null: neither may be
 * read.
 */
export function connectionsIn(app: number, endpoints: LocalEndpoints): readonly Connection[] | null {
  const found: Connection[] = [];
  const read = ([4, 6] as const).map((version) => {
    const readRow = rowReader(version, endpoints);
    return readNetTable(app, version === 4 ? 'tcp' : 'tcp6', (buffer, start, end) => {
      const connection = readRow(buffer, start, end);
      if (connection !== null) found.push(connection);
    });
  });
  return read.includes(true) ? found : null;
}

type RowReader = (buffer: Buffer, start: number, end: number) => Connection | null;

/**
 * Reads a row; null: it is the heading, or of another endpoint or state. All fields from the colon of the row number to the
 * queues have fixed widths.
 */
function rowReader(version: IpVersion, endpoints: LocalEndpoints): RowReader {
  const width = version === 4 ? 8 : 32;
  return (buffer, start, end) => {
    const local = buffer.indexOf(COLON, start) + 2;
    const remote = local + width + 6;
    const rest = remote + width + 6;
    if (local < 2 || rest + 20 > end) return null;
    const localPort = hex(buffer, local + width + 1, 4);
    const addresses = endpoints.get(endpointKey(version, localPort));
    const state = hex(buffer, rest, 2);
    if (addresses === undefined || !COUNTED_STATES.includes(state)) return null;
    if (addresses !== 'all' && !addresses.has(parseAddress(buffer.toString('latin1', local, local + width))))
      return null;
    return {
      key: hash(buffer, local, rest),
      state,
      isLocal: buffer.compare(buffer, remote, remote + width, local, local + width) === 0,
      localPort,
      remotePort: hex(buffer, remote + width + 1, 4),
      unacknowledged: hex(buffer, rest + 3, 8),
      unread: hex(buffer, rest + 12, 8),
      info: null,
    };
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

/** 53 bits of both ends of the connection, by FNV-1a. As strings, ten thousand keys would be the most expensive part of a count. */
function hash(buffer: Buffer, start: number, end: number): number {
  let one = 0x811c_9dc5;
  let other = 0x1b87_3593;
  for (let index = start; index < end; index += 1) {
    one = Math.imul(one ^ (buffer[index] ?? 0), 0x0100_0193);
    other = Math.imul(other ^ (buffer[index] ?? 0), 0x85eb_ca6b);
  }
  return (one >>> 0) * 2 ** 21 + (other >>> 11);
}
