import { type Family, type LocalEnds, STATES } from './connection.ts';

/** linux/netlink.h, linux/sock_diag.h, linux/inet_diag.h. */
export const SOCK_DIAG_BY_FAMILY = 20;
export const AF_INET = 2;
export const INET_DIAG_INFO = 2;
/** The size of nlmsghdr. */
export const HEADER = 16;
const AF_INET6 = 10;
const IPPROTO_TCP = 6;
const NLM_F_REQUEST_DUMP = 0x301;
const INET_DIAG_REQ_BYTECODE = 1;
/** The size of inet_diag_req_v2. */
const REQUEST = 56;
const BC_JMP = 1;
const BC_S_GE = 2;
const BC_S_LE = 3;

/** The filter's jumps are 16 bits wide; who listens on more ports gets all connections, and sorts them out here. */
const MOST_PORTS_FILTERED = 500;

/** The bytes that ask for all connections of one family with these local ports, each with its tcp_info. */
export function requestFor(family: Family, ends: LocalEnds): Buffer {
  const filter = filterFor(portsOf(family, ends));
  const request = Buffer.alloc(HEADER + REQUEST + (filter.length === 0 ? 0 : 4 + filter.length));
  request.writeUInt32LE(request.length, 0);
  request.writeUInt16LE(SOCK_DIAG_BY_FAMILY, 4);
  request.writeUInt16LE(NLM_F_REQUEST_DUMP, 6);
  request[HEADER] = family === 4 ? AF_INET : AF_INET6;
  request[HEADER + 1] = IPPROTO_TCP;
  request[HEADER + 2] = 1 << (INET_DIAG_INFO - 1);
  request.writeUInt32LE(
    STATES.reduce((mask, state) => mask | (1 << state), 0),
    HEADER + 4,
  );
  if (filter.length > 0) {
    request.writeUInt16LE(4 + filter.length, HEADER + REQUEST);
    request.writeUInt16LE(INET_DIAG_REQ_BYTECODE, HEADER + REQUEST + 2);
    filter.copy(request, HEADER + REQUEST + 4);
  }
  return request;
}

/** The local ports of one family. */
export function portsOf(family: Family, ends: LocalEnds): readonly number[] {
  return [...ends.keys()].filter((key) => key >> 16 === family).map((key) => key & 0xffff);
}

/**
 * "The local port is one of these" for inet_diag_bc_run (net/ipv4/inet_diag.c): each port is two comparisons that go on to
 * the next port when they fail, and a jump to the end when they do not. Behind the last, four bytes too far is "no".
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
