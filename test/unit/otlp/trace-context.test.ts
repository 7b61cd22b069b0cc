import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newSpanId, newTraceId, parentIn, traceVariables } from '../../../src/otlp/trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const GOOD = `00-${TRACE}-${SPAN}-01`;

test('TRACEPARENT is read as W3C Trace Context has it', () => {
  const parent = { traceId: TRACE, spanId: SPAN, flags: 1, state: null };
  assert.deepEqual(parentIn({ TRACEPARENT: GOOD }), parent);
  assert.deepEqual(parentIn({ TRACEPARENT: `00-${TRACE}-${SPAN}-02` }), { ...parent, flags: 0 });
  assert.deepEqual(parentIn({ TRACEPARENT: `01-${TRACE}-${SPAN}-01-more` }), parent, 'a later version may have more');
  assert.deepEqual(parentIn({ TRACEPARENT: GOOD, TRACESTATE: 'a=1,b=2' }), { ...parent, state: 'a=1,b=2' });
  assert.deepEqual(parentIn({ TRACEPARENT: GOOD, TRACESTATE: 'x'.repeat(513) }), parent);
  assert.deepEqual(parentIn({ TRACEPARENT: GOOD, TRACESTATE: 'a\n' }), parent);
});

test('what is no TRACEPARENT is none', () => {
  for (const TRACEPARENT of [
    ...['', 'x', `${GOOD}-more`, GOOD.toUpperCase(), `ff-${TRACE}-${SPAN}-01`, GOOD.slice(0, -1), `${GOOD}0`],
    ...[`00-${'0'.repeat(32)}-${SPAN}-01`, `00-${TRACE}-${'0'.repeat(16)}-01`],
  ])
    assert.equal(parentIn({ TRACEPARENT }), null, TRACEPARENT);
  assert.equal(parentIn({ TRACESTATE: 'a=1' }), null);
});

test('the variables for a child are what it reads', () => {
  const context = { traceId: TRACE, spanId: SPAN, flags: 0, state: 'a=1' };
  assert.deepEqual(traceVariables(context), { TRACEPARENT: `00-${TRACE}-${SPAN}-00`, TRACESTATE: 'a=1' });
  assert.deepEqual(parentIn(traceVariables(context)), context);
  const { TRACESTATE } = { TRACESTATE: 'of another trace', ...traceVariables({ ...context, state: null }) };
  assert.equal(TRACESTATE, undefined);
});

test('ids have their length, and differ', () => {
  const ids = Array.from({ length: 1_000 }, () => [newTraceId(), newSpanId()]).flat();
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.every((id) => /^([0-9a-f]{16}){1,2}$/.test(id)));
});
