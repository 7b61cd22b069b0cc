import assert from 'node:assert/strict';
import { isIPv6 } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAddress, parseListeners } from '../../../src/linux/listener-table.ts';
import { isLoopback } from '../../../src/linux/listeners.ts';

/** /proc/net/tcp of a little-endian machine: three listening sockets, one connection, one in TIME_WAIT. */
const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 31337 1 0000000000000000 100 0 0 10 0                     
   1: 0100007F:1538 00000000:0000 0A 00000000:00000003 00:00000000 00000000   999        0 40001 1 0000000000000000 100 0 0 10 0                     
  12: 0502000A:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 40002 1 0000000000000000 100 0 0 10 0                     
  13: 0100007F:1F90 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 40003 1 0000000000000000 20 4 30 10 -1                    
  14: 0100007F:D431 0100007F:1F90 06 00000000:00000000 03:00001770 00000000     0        0 0 3 0000000000000000                                      
`;
/** /proc/net/tcp6: bound to all addresses, to loopback, to one address, and to an IPv4-mapped one; and a connection. */
const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:0BB8 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 50001 1 0000000000000000 100 0 0 10 0
   1: 00000000000000000000000001000000:240D 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 50002 1 0000000000000000 100 0 0 10 0
   2: B80D0120000000000000000001000000:01BB 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 50003 1 0000000000000000 100 0 0 10 0
   3: 0000000000000000FFFF00000100007F:1F91 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 50004 1 0000000000000000 100 0 0 10 0
   4: 0000000000000000FFFF00000100007F:1F91 0000000000000000FFFF00000100007F:D433 01 00000000:00000000 00:00000000 00000000     0        0 50005 1 0000000000000000 20 4 30 10 -1
`;

const shown = (text: string): readonly string[] =>
  parseListeners(text).map(({ address, port, inode, uid }) => `${address} ${port} ${inode} ${uid}`);

test('of the IPv4 table only listening sockets are read', () => {
  assert.deepEqual(shown(TCP), ['0.0.0.0 8080 31337 1000', '127.0.0.1 5432 40001 999', '10.0.2.5 80 40002 0']);
});

test('of the IPv6 table only listening sockets are read', () => {
  assert.deepEqual(shown(TCP6), [
    ':: 3000 50001 1000',
    '::1 9229 50002 1000',
    '2001:db8::1 443 50003 0',
    '::ffff:127.0.0.1 8081 50004 0',
  ]);
});

test('lines of /proc/net/tcp that have another form are skipped', () => {
  const garbage = '\n\nnonsense\n   0: 00000000 00000000:0000 0A\n 1: x y 0A z\n';
  assert.deepEqual(parseListeners(garbage), []);
  assert.deepEqual(parseListeners(''), []);
  assert.equal(parseListeners(garbage + TCP).length, 3);
});

/** The bytes of an address as a kernel of either byte order prints them. */
const hexOf = (bytes: Buffer, littleEndian: boolean): string =>
  (littleEndian ? Buffer.from(bytes).swap32() : bytes).toString('hex').toUpperCase();

test('addresses are read in either byte order', () => {
  const bytes = Buffer.from([192, 168, 7, 1]);
  assert.equal(parseAddress(hexOf(bytes, true), true), '192.168.7.1');
  assert.equal(parseAddress(hexOf(bytes, false), false), '192.168.7.1');
  assert.equal(parseAddress('0107A8C0', true), '192.168.7.1');
});

test('IPv6 addresses are shortened by RFC 5952', () => {
  const cases: Readonly<Record<string, string>> = {
    '2001:0db8:0000:0000:0000:0000:0002:0001': '2001:db8::2:1',
    '2001:0db8:0000:0001:0001:0001:0001:0001': '2001:db8:0:1:1:1:1:1',
    '2001:0000:0000:0001:0000:0000:0000:0001': '2001:0:0:1::1',
    '2001:0db8:0000:0000:0001:0000:0000:0001': '2001:db8::1:0:0:1',
    'fe80:0000:0000:0000:0000:0000:0000:0000': 'fe80::',
    '0000:0000:0000:0000:0000:0000:0000:0001': '::1',
    '0000:0000:0000:0000:0000:0000:0000:0000': '::',
    '0001:0000:0000:0000:0000:0000:0000:0000': '1::',
    '0000:0000:0001:0000:0000:0001:0000:0000': '::1:0:0:1:0:0',
    '1001:0010:0100:1000:000a:00b0:0c00:d000': '1001:10:100:1000:a:b0:c00:d000',
  };
  for (const [long, short] of Object.entries(cases)) {
    const bytes = Buffer.from(long.replaceAll(':', ''), 'hex');
    assert.equal(parseAddress(hexOf(bytes, true), true), short);
  }
});

test('every IPv6 address is read as one that Node takes for the same', () => {
  const word = fc.oneof(fc.constant(0), fc.nat(0xffff));
  fc.assert(
    fc.property(fc.array(word, { minLength: 8, maxLength: 8 }), fc.boolean(), (words, littleEndian) => {
      const bytes = Buffer.alloc(16);
      for (const [index, each] of words.entries()) bytes.writeUInt16BE(each, index * 2);
      const address = parseAddress(hexOf(bytes, littleEndian), littleEndian);
      assert.ok(isIPv6(address), address);
      const long = words.map((each) => each.toString(16)).join(':');
      assert.equal(new URL(`http://[${address}]`).hostname, new URL(`http://[${long}]`).hostname);
    }),
  );
});

test('loopback is 127.0.0.0/8, ::1, and 127.0.0.0/8 mapped to IPv6', () => {
  for (const address of ['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1']) assert.ok(isLoopback(address));
  for (const address of ['0.0.0.0', '::', '10.127.0.1', '::ffff:10.0.0.1', 'fe80::1', '2001:db8::127.0.0.1']) {
    assert.ok(!isLoopback(address), address);
  }
});
