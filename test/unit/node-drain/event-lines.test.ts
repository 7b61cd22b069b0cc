import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../../src/lifecycle/event.ts';
import type { State } from '../../../src/lifecycle/state.ts';
import { transition } from '../../../src/lifecycle/transition.ts';
import { linesAfter } from '../../../src/node-drain/event-lines.ts';
import { HEALTHY, policyWith, TERM } from '../lifecycle/examples.ts';

const serving: State = {
  kind: 'running',
  standings: HEALTHY,
  postMortems: {},
  passedOn: null,
  timeline: [{ phase: 'running', at: 0 }],
  restarts: { total: 0, consecutive: 0 },
};
const term: Event = { type: 'signalReceived', signal: TERM, at: 0 };
const counted = (at: number, busy: number): Event => ({
  type: 'connectionsCounted',
  count: { kind: 'counted', open: busy, busy, inFlight: busy, arrived: 0, timed: true, certain: busy },
  at,
});

/** The events that a reader is sent while these happen. */
function eventsSent(policy: ReturnType<typeof policyWith>, ...events: readonly Event[]): readonly string[] {
  let state = serving;
  return events.flatMap((event) => {
    const before = state;
    [state] = transition(state, event, policy);
    return linesAfter(before, state, event.at).map((line) => line.event);
  });
}

test('a shutdown begins with `terminating` on the events socket, with a delay, a drain or neither', () => {
  const withDelay = policyWith({ drainConnections: 10_000, drainConnectionsSource: 'default' });
  const end: Event = { type: 'deadlinePassed', at: 5_000 };
  assert.deepEqual(eventsSent(withDelay, term, end, counted(5_001, 0)), ['terminating', 'stopping']);
  assert.deepEqual(eventsSent(withDelay, term, end, counted(5_001, 1), counted(6_000, 0)), [
    ...['terminating', 'draining', 'stopping'],
  ]);
  const without = { ...withDelay, shutdownDelay: 0 };
  assert.deepEqual(eventsSent(without, term, counted(1, 0)), ['terminating', 'stopping']);
  assert.deepEqual(eventsSent(policyWith({ shutdownDelay: 0 }), term), ['terminating', 'stopping']);
  const set = { ...without, drainConnectionsSource: 'chosen' as const };
  assert.deepEqual(eventsSent(set, term, counted(1, 0)), ['terminating', 'draining', 'stopping']);
  const hook = policyWith({ hooks: new Set(['pre-stop'] as const) });
  const hookEnded: Event = { type: 'hookEnded', hook: 'pre-stop', failure: null, at: 100 };
  assert.deepEqual(eventsSent(hook, term, hookEnded), ['terminating', 'delaying']);
});
