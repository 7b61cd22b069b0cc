import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLOSE_WAIT, type Connection, ESTABLISHED } from '../../../src/connections/connection.ts';
import { noticeReuse } from '../../../src/connections/reuse.ts';

type Traffic = { readonly key?: number; readonly in: number; readonly out: number; readonly busy?: boolean };

const PORT = 8_080;

function connection({ key = 1, in: bytesIn, out: bytesOut, busy = false }: Traffic): Connection {
  const segments = { segmentsIn: Math.ceil(bytesIn / 100), segmentsOut: Math.ceil(bytesOut / 100) };
  const ends = { isLocal: false, localPort: PORT, remotePort: 9, unread: 0, unacknowledged: 0 };
  const info = {
    sentAgo: busy ? 2_000 : 1_000,
    receivedAgo: busy ? 1_000 : 1_004,
    notSent: 0,
    volume: { ...segments, bytesIn, bytesOut, segmentSize: 1_448, bareSegmentsOut: 0, acknowledgedAgo: 0 },
  };
  return { key, state: ESTABLISHED, ...ends, info };
}

/** What each count finds. */
function found(...counts: readonly (readonly Connection[])[]): readonly (number | null)[] {
  const reuse = noticeReuse();
  return counts.map((connections) => {
    for (const each of connections) reuse.note(each);
    return reuse.port();
  });
}

test('a further request on a connection is noticed, whether it is answered by the next count or not', () => {
  const [answered, again] = [connection({ in: 100, out: 900 }), connection({ in: 200, out: 1_800 })];
  assert.deepEqual(found([answered], [answered], [again]), [null, null, PORT]);
  assert.deepEqual(found([answered], [connection({ in: 200, out: 900, busy: true })]), [null, PORT]);
});

test('one request is none further: not a slow one, not a long upload, not the first on a new connection', () => {
  const upload = [100, 5_000, 9_000].map((bytes) => [connection({ in: bytes, out: 0, busy: true })]);
  assert.deepEqual(found(...upload), [null, null, null]);
  assert.deepEqual(found([connection({ in: 100, out: 900 })], [connection({ key: 2, in: 200, out: 1_800 })]), [
    null,
    null,
  ]);
});

test('a PING and the end of a connection are no requests', () => {
  const idle = connection({ in: 1_000, out: 2_000 });
  assert.deepEqual(found([idle], [connection({ in: 1_039, out: 2_039 })]), [null, null]);
  const closing = { ...connection({ in: 1_101, out: 2_000 }), state: CLOSE_WAIT };
  assert.deepEqual(found([idle], [closing]), [null, null]);
});

test('the counter of bytes may wrap around, and without it nothing is noticed', () => {
  assert.deepEqual(found([connection({ in: 2 ** 32 - 10, out: 900 })], [connection({ in: 90, out: 1_800 })]), [
    null,
    PORT,
  ]);
  const untimed = { ...connection({ in: 100, out: 900 }), info: null };
  assert.deepEqual(found([untimed], [untimed]), [null, null]);
});
