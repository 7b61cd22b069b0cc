import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Connection, type ConnectionInfo, ESTABLISHED } from '../../../src/connections/connection.ts';
import {
  isUnencrypted,
  OPENING_QUIET,
  openingOf,
  rememberOpenings,
  withoutAcknowledgement,
} from '../../../src/connections/opening.ts';

/** Segments and bytes, in and out, and the milliseconds from the last data received to the last data sent. */
type Measured = readonly [segmentsIn: number, segmentsOut: number, bytesIn: number, bytesOut: number, gap: number];

const LOOPBACK = 65_483;
const ETHERNET = 1_448;

function info([segmentsIn, segmentsOut, bytesIn, bytesOut, gap]: Measured, quiet = 5_000, segmentSize = LOOPBACK) {
  const bare = { bareSegmentsOut: 1, acknowledgedAgo: quiet };
  const volume = { segmentsIn, segmentsOut, bytesIn, bytesOut, segmentSize, ...bare };
  return { sentAgo: quiet, receivedAgo: quiet + gap, notSent: 0, volume } satisfies ConnectionInfo;
}

const connection = (key: number, measured: Measured, quiet?: number, localPort = 443): Connection => ({
  key,
  state: ESTABLISHED,
  isLocal: false,
  localPort,
  remotePort: 9,
  unread: 0,
  unacknowledged: 0,
  info: info(measured, quiet),
});

/** Measured on loopback (docs/decisions/0083), except those that say Ethernet. */
const UNANSWERED: Readonly<Record<string, readonly [Measured, 'tls' | 'http2', segmentSize?: number]>> = {
  'Node, TLS 1.3, curl': [[3, 2, 707, 1_948, 4], 'tls'],
  'Node, TLS 1.3, Node': [[2, 2, 1_744, 2_999, 0], 'tls'],
  'Node, TLS 1.2': [[3, 2, 727, 1_274, 0], 'tls'],
  'Python, TLS 1.3, tickets held back by Nagle': [[2, 3, 1_744, 1_847, 56], 'tls'],
  'Python, TLS 1.3, a resumed session': [[2, 2, 1_978, 496, 0], 'tls'],
  'Python, TLS 1.2, a resumed session': [[2, 1, 1_861, 141, 0], 'tls'],
  'nginx, TLS 1.3': [[3, 3, 707, 1_926, 0], 'tls'],
  'Node, HTTP/2 over TLS, curl': [[5, 2, 785, 1_982, 0], 'tls'],
  'Node, HTTP/2 over TLS, Node': [[4, 4, 1_777, 3_070, 0], 'tls'],
  'nginx, HTTP/2 over TLS, a request with a body': [[6, 5, 890, 1_417, 0], 'tls'],
  'nginx, HTTP/2 over TLS, Node': [[3, 4, 1_775, 1_554, 0], 'tls'],
  'Node, h2c, curl': [[3, 2, 122, 18, 0], 'http2'],
  'Node, h2c, a request with a body': [[4, 2, 164, 18, 0], 'http2'],
  'nginx, h2c': [[2, 1, 76, 49, 0], 'http2'],
  'a chain of 4 KB and a ClientHello in two segments, on Ethernet': [[4, 5, 1_890, 4_700, 2], 'tls', ETHERNET],
};

test('a connection with no more than its opening may have an unanswered request, in each case measured', () => {
  for (const [what, [measured, opening, size]] of Object.entries(UNANSWERED)) {
    assert.equal(openingOf(info(measured, 5_000, size)), opening, what);
  }
});

test('a connection with a response is past its opening', () => {
  const answered: Readonly<Record<string, Measured>> = {
    'HTTP/1.1, the first request': [1, 1, 64, 127, 0],
    'HTTP/1.1, a response in two parts': [1, 2, 69, 149, 0],
    'HTTP/1.1, two short requests': [2, 2, 128, 254, 0],
    'HTTP/1.1, five requests': [5, 5, 1_600, 2_000, 0],
    'Node, TLS 1.3, answered after 250 ms': [2, 3, 1_743, 3_148, 250],
    'nginx, TLS 1.3, answered at once': [2, 4, 1_734, 2_045, 4],
    'Node, TLS 1.3, four requests': [5, 5, 1_992, 3_595, 4],
    'Python, TLS 1.3, two requests': [3, 5, 1_820, 2_165, 0],
    'TLS 1.3, a response of 20 KB': [2, 3, 1_743, 23_000, 4],
    'Node, h2c, answered at once': [2, 3, 66, 75, 0],
    'nginx, h2c, answered at once': [2, 3, 66, 108, 0],
    'many requests over HTTP/2': [40, 30, 3_000, 9_000, 0],
  };
  for (const [what, measured] of Object.entries(answered)) assert.equal(openingOf(info(measured)), null, what);
  assert.equal(openingOf({ sentAgo: 1, receivedAgo: 1, notSent: 0, volume: null }), null, 'Linux before 4.6');
});

test('a connection is busy from its opening until a later send, or for a minute', () => {
  const { note, mayHaveRequest } = rememberOpenings();
  const opened: Measured = [3, 2, 707, 1_948, 4];
  const first = connection(1, opened, 900);
  note(first, false);
  assert.equal(mayHaveRequest(first), true, 'the opening may go on');
  const quiet = connection(1, opened, 1_000);
  note(quiet, false);
  assert.equal(mayHaveRequest(quiet), true);
  assert.equal(mayHaveRequest(connection(1, opened, OPENING_QUIET - 1)), true);
  assert.equal(mayHaveRequest(connection(1, opened, OPENING_QUIET)), false, 'its client has given up');
  const answered = connection(1, [3, 3, 707, 2_100, 4], 3_000);
  note(answered, false);
  assert.equal(mayHaveRequest(answered), false, 'a later send is a response, however few segments there are');
  const other = connection(2, [3, 3, 707, 2_100, 4], 3_000);
  note(other, false);
  assert.equal(mayHaveRequest(other), true, 'the same without an earlier count is ambiguous');
});

test('a port that has answered a segment too short for a ClientHello does not speak TLS, but may speak HTTP/2', () => {
  const probe: Measured = [1, 1, 140, 127, 0];
  assert.equal(isUnencrypted(info(probe, 10), true), true);
  assert.equal(isUnencrypted(info(probe, 10), false), false, 'its handshake may go on');
  assert.equal(isUnencrypted(info(probe, 1_000), false), true);
  assert.equal(isUnencrypted(info([1, 1, 517, 1_400, 0]), true), false, 'a handshake that the client has given up');
  assert.equal(isUnencrypted(info([1, 0, 140, 0, 0]), true), false, 'no response');

  const { note, mayHaveRequest } = rememberOpenings();
  const kept = connection(1, [2, 2, 400, 500, 0], 3_000, 80);
  const h2c = connection(2, [3, 2, 122, 18, 0], 3_000, 80);
  assert.deepEqual([mayHaveRequest(kept), mayHaveRequest(h2c)], [true, true]);
  note(connection(3, probe, 10, 80), true);
  assert.deepEqual([mayHaveRequest(kept), mayHaveRequest(h2c)], [false, true]);
  assert.equal(mayHaveRequest(connection(4, [2, 2, 400, 500, 0], 3_000, 443)), true, 'another port');
});

test('where only /proc is read nothing is known of openings', () => {
  const { note, mayHaveRequest } = rememberOpenings();
  const unknown = { ...connection(1, [3, 2, 707, 1_948, 4]), info: null };
  note(unknown, false);
  assert.equal(mayHaveRequest(unknown), false);
});

test("the client's acknowledgement of SETTINGS after the response to a short request, or without one, is no request", () => {
  const isInFlight = (measured: Measured, quiet?: number): boolean => {
    const seen = withoutAcknowledgement(info(measured, quiet));
    return seen.receivedAgo < seen.sentAgo;
  };
  assert.equal(isInFlight([2, 2, 42, 18, -8]), false, 'no request yet');
  assert.equal(isInFlight([2, 3, 67, 79, -16]), false, 'one request, answered');
  assert.equal(openingOf(withoutAcknowledgement(info([2, 2, 42, 18, -8]))), null);
  assert.equal(openingOf(info([2, 2, 42, 18, 4])), null, 'the acknowledgement in the same tick');

  const inFlight: Readonly<Record<string, Measured>> = {
    'the first request, after an opening in advance': [3, 2, 67, 18, -150],
    'the second request': [3, 3, 85, 79, -4],
    'the second of two as short as they can be': [3, 4, 80, 77, -4],
    'a request later than a round trip': [2, 3, 67, 79, -300],
    'HTTP/1.1': [2, 1, 134, 108, -4],
    'one segment': [1, 1, 67, 79, -4],
  };
  for (const [what, measured] of Object.entries(inFlight)) assert.equal(isInFlight(measured), true, what);
  assert.equal(isInFlight([2, 3, 67, 79, -16], 500), true, 'its segments may go on');
});
