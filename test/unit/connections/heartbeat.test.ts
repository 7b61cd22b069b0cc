import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Connection, ESTABLISHED, isBusy, isInFlight } from '../../../src/connections/connection.ts';
import { rememberHeartbeats } from '../../../src/connections/heartbeat.ts';

/** Bytes and segments so far, and when data went last, on the clock of the test. */
type At = {
  readonly now: number;
  readonly sentAt: number;
  readonly receivedAt: number;
  readonly bytes?: readonly [bytesIn: number, bytesOut: number];
  readonly segments?: readonly [segmentsIn: number, segmentsOut: number];
  readonly unacknowledged?: number;
};

const START = { bytes: [200, 300], segments: [5, 8] } as const;

function watch() {
  const { without } = rememberHeartbeats();
  return ({ now, sentAt, receivedAt, bytes = START.bytes, segments = START.segments, unacknowledged = 0 }: At) => {
    const volume = {
      bytesIn: bytes[0],
      bytesOut: bytes[1] - unacknowledged,
      segmentsIn: segments[0],
      segmentsOut: segments[1],
      segmentSize: 1_448,
      bareSegmentsOut: 1,
      acknowledgedAgo: now - receivedAt,
    };
    const info = { sentAgo: now - sentAt, receivedAgo: now - receivedAt, notSent: 0, volume };
    const ends = { state: ESTABLISHED, isLocal: false, localPort: 80, remotePort: 9 };
    const [seen] = without([{ key: 1, ...ends, unread: 0, unacknowledged, info }], now);
    assert.ok(seen);
    return seen satisfies Connection;
  };
}

const idle: At = { now: 10_000, sentAt: 1_000, receivedAt: 1_000 };
/** A second after that look the client pings. */
const ping = (bytesIn: number, bytesOut: number): At => ({
  now: 11_010,
  sentAt: 11_000,
  receivedAt: 11_000,
  bytes: [200 + bytesIn, 300 + bytesOut],
  segments: [6, 9],
});

test('a ping and its answer leave an idle connection idle, in HTTP/2 and WebSocket, without TLS and with it', () => {
  for (const [bytesIn, bytesOut] of [
    [17, 17],
    [39, 39],
    [46, 46],
    [6, 2],
    [28, 24],
    [10, 6],
  ] as const) {
    const see = watch();
    assert.equal(isBusy(see(idle)), false);
    assert.equal(isBusy(see(ping(bytesIn, bytesOut))), false, `${bytesIn} and ${bytesOut} bytes`);
    assert.equal(isBusy(see({ ...ping(bytesIn, bytesOut), now: 11_110 })), false, 'at the next look too');
  }
});

test('the answer to a ping of the app, which comes last, is no request', () => {
  const see = watch();
  see(idle);
  assert.equal(isInFlight(see({ ...ping(17, 17), receivedAt: 11_008 })), false);
});

test('the answer to a ping is no response to the request that was in flight before it', () => {
  const see = watch();
  assert.equal(isInFlight(see({ ...idle, receivedAt: 2_000 })), true);
  assert.equal(isInFlight(see(ping(17, 17))), true);
  const late = see({ ...ping(17, 17), now: 20_000 });
  assert.deepEqual([isInFlight(late), late.info?.receivedAgo], [true, 18_000]);
  const answered = { now: 21_000, sentAt: 20_990, receivedAt: 11_000, bytes: [217, 400], segments: [6, 10] } as const;
  assert.equal(isInFlight(see(answered)), false, 'the response');
});

test('a connection with pings only counts as idle after its last other data', () => {
  const see = watch();
  assert.equal(isBusy(see({ now: 10_000, sentAt: 9_000, receivedAt: 9_000 })), true);
  for (const [count, expected] of [
    [1, true],
    [2, true],
    [3, false],
  ] as const) {
    const at = 9_000 + count * 1_100;
    const bytes = [200 + 17 * count, 300 + 17 * count] as const;
    const seen = see({ now: at + 10, sentAt: at, receivedAt: at, bytes, segments: [5 + count, 8 + count] });
    assert.equal(isBusy(seen), expected, `ping ${count}`);
    assert.equal(seen.info?.volume?.segmentsIn, 5);
  }
});

test('two pings between two looks that are far apart are pings too', () => {
  const see = watch();
  see(idle);
  const two = { now: 12_010, sentAt: 12_000, receivedAt: 12_000, bytes: [234, 334], segments: [7, 10] } as const;
  assert.equal(isBusy(see(two)), false);
  const soon = watch();
  soon(idle);
  assert.equal(isBusy(soon({ ...two, now: 10_100, sentAt: 10_090, receivedAt: 10_090 })), true, 'within 100 ms');
});

test('a ping that is seen before its answer is a request until then', () => {
  const see = watch();
  see(idle);
  const half = { now: 11_001, sentAt: 1_000, receivedAt: 11_000, bytes: [217, 300], segments: [6, 8] } as const;
  assert.equal(isInFlight(see(half)), true);
  assert.equal(isBusy(see(ping(17, 17))), false);
});

test('an acknowledgement that the client delays changes nothing', () => {
  const see = watch();
  see(idle);
  assert.equal(isBusy(see({ ...ping(17, 17), unacknowledged: 17 })), false);
});

test('other data is use: another length, more segments, a conversation', () => {
  const others: readonly At[] = [
    ping(17, 18),
    ping(13, 0),
    ping(14, 60),
    { ...ping(17, 17), segments: [7, 9] },
    { ...ping(17, 17), segments: [6, 8], bytes: [217, 300], sentAt: 1_000 },
  ];
  for (const other of others) {
    const see = watch();
    see(idle);
    assert.equal(isBusy(see(other)), true, JSON.stringify(other));
  }
  const see = watch();
  see({ ...idle, sentAt: 9_700, receivedAt: 9_700 });
  see({ ...ping(17, 17), now: 10_100, sentAt: 10_000, receivedAt: 10_000 });
  assert.equal(
    isBusy(see({ ...ping(17, 17), now: 12_900, sentAt: 10_000, receivedAt: 10_000 })),
    true,
    'sooner than half a second after other data',
  );
});

test('a connection that was not seen before, or without tcp_info, stays as it is', () => {
  const { without } = rememberHeartbeats();
  const ends = { state: ESTABLISHED, isLocal: false, localPort: 80, remotePort: 9, unread: 0, unacknowledged: 0 };
  const bare: Connection = { key: 1, ...ends, info: null };
  assert.deepEqual(without([bare], 1), [bare]);
  assert.equal(without([bare], 2)[0], bare);
});
