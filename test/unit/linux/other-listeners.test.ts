import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseUdp, parseUnix } from '../../../src/linux/other-listeners.ts';

/** /proc/net/udp: a server, a client that has sent without connect(2), a client that is connected. */
const UDP = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  100: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 70001 2 0000000000000000 0
  101: 00000000:9C40 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 70002 2 0000000000000000 0
  102: 0100007F:9C41 0100007F:0035 01 00000000:00000000 00:00000000 00000000     0        0 70003 2 0000000000000000 0
`;
/** /proc/net/unix: a listening socket, an abstract one, a connection, half of a pair, and those that runtimes open. */
const UNIX = `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 80001 /run/my app.sock
0000000000000000: 00000002 00000000 00010000 0001 01 80002 @abstract
0000000000000000: 00000003 00000000 00000000 0001 03 80003 /run/my app.sock
0000000000000000: 00000003 00000000 00000000 0001 03 80004
0000000000000000: 00000002 00000000 00010000 0001 01 80005 /tmp/dotnet-diagnostic-1-12345-socket
0000000000000000: 00000002 00000000 00010000 0001 01 80006 /tmp/.java_pid1
0000000000000000: 00000002 00000000 00010000 0001 01 80007 /tmp/pymp-k3v_1a/listener-x
`;

test('a UDP socket counts unless its port is ephemeral, which a client gets', () => {
  assert.deepEqual(parseUdp(UDP, [32_768, 60_999]), ['70001']);
  assert.deepEqual(parseUdp(UDP, [1_024, 2_000]), ['70001', '70002']);
  assert.deepEqual(parseUdp('', [1, 2]), []);
});

test('a listening Unix socket counts unless a runtime opened it', () => {
  assert.deepEqual(parseUnix(UNIX), ['80001', '80002']);
  assert.deepEqual(parseUnix(''), []);
});
