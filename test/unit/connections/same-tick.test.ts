import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inOrder } from '../../../src/connections/same-tick.ts';

/** Measured on loopback (docs/decisions/0087), 0.4 s after the last event. */
type Measured = readonly [
  segmentsIn: number,
  segmentsOut: number,
  sentAgo: number,
  receivedAgo: number,
  acknowledgedAgo: number,
  bareSegmentsOut: number,
];

function isUnanswered([segmentsIn, segmentsOut, sentAgo, receivedAgo, acknowledgedAgo, bareSegmentsOut]: Measured) {
  const counts = { segmentsIn, segmentsOut, bareSegmentsOut, acknowledgedAgo };
  const volume = { ...counts, bytesIn: 100, bytesOut: 100, segmentSize: 65_483 };
  const seen = inOrder({ sentAgo, receivedAgo, notSent: 0, volume });
  return seen.receivedAgo < seen.sentAgo;
}

test('a request in the same tick as the response before it is later than that', () => {
  const held: Readonly<Record<string, Measured>> = {
    'HTTP/1.1, after 1': [2, 1, 404, 404, 404, 2],
    'HTTP/1.1, after 3': [4, 3, 400, 400, 400, 2],
    'HTTP/1.1, after 20': [21, 20, 404, 404, 404, 2],
    'HTTP/1.1, in another tick': [2, 1, 404, 400, 400, 2],
    'TLS 1.3, after 5': [7, 6, 400, 400, 400, 2],
    'TLS 1.3, after 20': [22, 21, 404, 404, 404, 2],
  };
  for (const [what, measured] of Object.entries(held)) assert.equal(isUnanswered(measured), true, what);
});

test('an answered request stays answered', () => {
  const idle: Readonly<Record<string, Measured>> = {
    'HTTP/1.1, after 1': [1, 1, 404, 404, 404, 1],
    'HTTP/1.1, after 2': [2, 2, 400, 400, 352, 1],
    'HTTP/1.1, after 20': [20, 20, 400, 400, 356, 1],
    'a request in two segments that the client has acknowledged later': [4, 2, 400, 400, 356, 2],
    'TLS 1.3, after 1': [2, 2, 404, 412, 356, 1],
    'TLS 1.3, after 5': [6, 6, 400, 400, 356, 1],
    'HTTP/2, after 5': [6, 11, 400, 400, 400, 2],
    'an answer within the tick, a moment ago': [2, 1, 40, 40, 40, 2],
  };
  for (const [what, measured] of Object.entries(idle)) assert.equal(isUnanswered(measured), false, what);
  assert.equal(inOrder({ sentAgo: 400, receivedAgo: 400, notSent: 0, volume: null }).sentAgo, 400, 'Linux before 4.6');
});
