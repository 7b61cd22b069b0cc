import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLOSE_WAIT, type Connection, ESTABLISHED, FIN_WAIT1, TIME_WAIT } from '../../../src/connections/connection.ts';
import { type CutRequests, createCutRequests } from '../../../src/connections/cut-requests.ts';

const CLOSE = 7;
/** A request came 20 ms ago, and the last response went out 500 ms ago. */
const WAITING = { sentAgo: 500, receivedAgo: 20 };
const ANSWERED = { sentAgo: 10, receivedAgo: 20 };
/** The app has never sent anything. */
const FIRST = { sentAgo: Number.POSITIVE_INFINITY, receivedAgo: 20 };

type Fields = Partial<Omit<Connection, 'info'>> & {
  readonly times?: { readonly sentAgo: number; readonly receivedAgo: number };
  readonly bytesIn?: number;
  readonly notSent?: number;
};

function connection({ times = ANSWERED, bytesIn = 100, notSent = 0, ...fields }: Fields): Connection {
  const volume = {
    segmentsIn: 4,
    segmentsOut: 4,
    bytesIn,
    bytesOut: 100,
    segmentSize: 1_448,
    bareSegmentsOut: 1,
    acknowledgedAgo: 0,
  };
  return {
    ...{ key: 1, state: ESTABLISHED, isLocal: false, localPort: 80, remotePort: 9, unread: 0, unacknowledged: 0 },
    info: { ...times, notSent, volume },
    ...fields,
  };
}

const ended = (fields: Fields): Connection => connection({ state: CLOSE, ...fields });

function afterNotes(
  ...notes: readonly (readonly [ended: Fields[], present: Fields[]])[]
): ReturnType<CutRequests['soFar']> {
  const cut = createCutRequests(() => false);
  for (const [gone, present] of notes) cut.note(gone.map(ended), present.map(connection));
  return cut.soFar();
}

test('a connection that ends with its request unanswered was cut', () => {
  assert.equal(afterNotes([[], [{ times: WAITING }]], [[{ times: WAITING }], []]).cut, 1);
});

test('a request that was answered after the last count was not cut', () => {
  assert.equal(afterNotes([[], [{ times: WAITING }]], [[{ times: ANSWERED }], []]).cut, 0);
});

test('an idle connection that a client closes after a last message of TLS was not cut, but one with a new request was', () => {
  const idle: [Fields[], Fields[]] = [[], [{ bytesIn: 1_000 }]];
  assert.equal(afterNotes(idle, [[{ times: WAITING, bytesIn: 1_031 }], []]).cut, 0);
  assert.equal(afterNotes(idle, [[{ times: WAITING, bytesIn: 1_180 }], []]).cut, 1);
});

test('a connection that no count has seen was cut where the app has sent nothing on it', () => {
  assert.equal(afterNotes([[], []], [[{ times: FIRST }], []]).cut, 1);
  assert.equal(afterNotes([[], []], [[{ times: WAITING }], []]).cut, 0);
});

test('bytes that the app never read were a request; the FIN of the client was not', () => {
  assert.equal(afterNotes([[], []], [[{ unread: 80 }], []]).cut, 1);
  assert.equal(afterNotes([[], [{}]], [[{ unread: 1 }], []]).cut, 0);
});

test('what the app has written is delivered without it, so it was not cut', () => {
  const unsent = { times: ANSWERED, notSent: 9_000 };
  assert.equal(afterNotes([[], [unsent]], [[unsent], []]).cut, 0);
});

test('a connection that the app has closed counts once, though its end is told later', () => {
  const closing = { state: FIN_WAIT1, times: WAITING };
  const gone: [Fields[], Fields[]] = [[{ times: WAITING }], []];
  assert.equal(afterNotes([[], [{ times: WAITING }]], [[], [closing]], [[], [closing]], gone).cut, 1);
});

test('what cannot be known yet is unknown for three counts, and what leftovers hold is in flight', () => {
  const start: [Fields[], Fields[]] = [[], [{ times: WAITING }, { key: 2, state: CLOSE_WAIT, times: WAITING }]];
  const second = { key: 2, times: WAITING };
  assert.deepEqual(afterNotes(start, [[], [second]]), { cut: 0, unknown: 1, inFlight: 1 });
  const timeWait = { state: TIME_WAIT, info: null };
  const cut = createCutRequests(() => false);
  cut.note([], [connection({ times: WAITING })]);
  for (let count = 0; count < 4; count += 1) cut.note([], [{ ...connection({}), ...timeWait }]);
  assert.deepEqual(cut.soFar(), { cut: 0, unknown: 0, inFlight: 0 });
});

test('once the app is gone, an end that the kernel tells late is waited for', () => {
  const cut = createCutRequests(() => false);
  cut.note([], [connection({ times: WAITING })]);
  for (let look = 0; look < 9; look += 1) cut.note([], [], true);
  assert.deepEqual(cut.soFar(), { cut: 0, unknown: 1, inFlight: 0 });
  cut.note([ended({ times: ANSWERED })], [], true);
  assert.deepEqual(cut.soFar(), { cut: 0, unknown: 0, inFlight: 0 });
});

test('what clients gave up before the app was signalled is forgotten', () => {
  const cut = createCutRequests(() => false);
  cut.note([], [connection({ times: WAITING })]);
  cut.note([ended({ times: WAITING })], []);
  cut.forget();
  assert.equal(cut.soFar().cut, 0);
});

test('without the times of the kernel only what is certain was in flight', () => {
  const cut = createCutRequests(() => false);
  cut.note(
    [],
    [
      { ...connection({}), info: null, unread: 5 },
      { ...connection({ key: 2 }), info: null },
    ],
  );
  assert.equal(cut.soFar().inFlight, 1);
});

test('a connection that has had its opening only counts, as it does for the drain', () => {
  const cut = createCutRequests(() => true);
  cut.note([], [connection({})]);
  cut.note([ended({})], []);
  assert.equal(cut.soFar().cut, 1);
});
