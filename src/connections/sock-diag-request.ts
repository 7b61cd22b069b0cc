import { AF_INET, AF_INET6, requestFor } from '../linux/netlink.ts';
import { COUNTED_STATES, type IpVersion, type LocalEndpoints } from './connection.ts';

/** linux/inet_diag.h. */
export const INET_DIAG_INFO = 2;
const BC_JMP = 1;
const BC_S_GE = 2;
const BC_S_LE = 3;

/** Jumps of the filter are 16 bits wide. With more ports there is no filter, and connections are selected from the reply. */
const MOST_PORTS_FILTERED = 500;

/** The request for all connections of one IP version to these local ports, each with its tcp_info. */
export function connectionsRequest(version: IpVersion, endpoints: LocalEndpoints): Buffer {
  return requestFor({
    family: version === 4 ? AF_INET : AF_INET6,
    states: COUNTED_STATES,
    extensions: 1 << (INET_DIAG_INFO - 1),
    filter: filterFor(portsOf(version, endpoints)),
  });
}

/** The local ports of one IP version. */
export function portsOf(version: IpVersion, endpoints: LocalEndpoints): readonly number[] {
  return [...endpoints.keys()].filter((key) => key >> 16 === version).map((key) => key & 0xffff);
}

/**
 * The filter "the local port is one of these", as bytecode for inet_diag_bc_run (net/ipv4/inet_diag.c). Each port has two
 * comparisons, which continue with the next port when they fail, and a jump to the end. After the last port a jump to four
 * bytes behind the end means "no".
 */
export function filterFor(ports: readonly number[]): Buffer {
  if (ports.length > MOST_PORTS_FILTERED) return Buffer.alloc(0);
  const block = 20;
  const filter = Buffer.alloc(ports.length * block - 4);
  const write = (offset: number, code: number, yes: number, no: number): void => {
    filter[offset] = code;
    filter[offset + 1] = yes;
    filter.writeUInt16LE(no, offset + 2);
  };
  for (const [index, port] of ports.entries()) {
    const start = index * block;
    write(start, BC_S_GE, 8, block);
    filter.writeUInt16LE(port, start + 6);
    write(start + 8, BC_S_LE, 8, block - 8);
    filter.writeUInt16LE(port, start + 14);
    if (index < ports.length - 1) write(start + 16, BC_JMP, 4, filter.length - start - 16);
  }
  return filter;
}
