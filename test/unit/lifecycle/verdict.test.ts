import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { State } from '../../../src/lifecycle/state.ts';
import { verdicts } from '../../../src/lifecycle/verdict.ts';
import { HEALTHY, policyWith, STATES } from './examples.ts';

/** The three verdicts on one line: `ok`, or the reason. */
function verdictsOf(state: State, policy = policyWith()): string {
  const { startup, ready, live } = verdicts(state, policy);
  return [startup, ready, live].map((verdict) => (verdict.kind === 'ok' ? 'ok' : verdict.reason)).join(' | ');
}

const running = STATES.running[1];
const delaying = STATES.delaying[0];
if (running === undefined || delaying === undefined) throw new Error('no examples');

test('before the start of the app: not started, not ready, alive', () => {
  for (const state of STATES.preparing) {
    assert.equal(verdictsOf(state), 'the app is not started yet | the app is not started yet | ok');
  }
});

test('a running app has the verdicts of its probes, and is not ready before it has started', () => {
  assert.equal(verdictsOf(running), 'ok | ok | ok');
  const startup = { kind: 'pending', cause: 'failed', reason: 'nothing listens' } as const;
  const starting = { ...running, standings: { ...HEALTHY, startup } };
  assert.equal(verdictsOf(starting), 'nothing listens | not started: nothing listens | ok');
  const ready = { kind: 'failing', cause: 'failed', reason: 'HTTP 503' } as const;
  assert.equal(verdictsOf({ ...running, standings: { ...HEALTHY, ready } }), 'ok | HTTP 503 | ok');
  const live = { kind: 'failing', cause: 'timeout', reason: 'no answer within 1000 ms' } as const;
  assert.equal(verdictsOf({ ...running, standings: { ...HEALTHY, live } }), 'ok | ok | no answer within 1000 ms');
});

test('during a shutdown readiness fails and liveness is ok, even if its probe failed', () => {
  const standings = { ...HEALTHY, live: { kind: 'failing', cause: 'failed', reason: 'it hangs' } } as const;
  for (const kind of ['preStop', 'delaying', 'draining', 'stopping', 'killing'] as const) {
    for (const state of STATES[kind]) {
      assert.equal(verdictsOf(state), 'ok | shutting down | ok', kind);
      assert.equal(verdictsOf({ ...state, standings }), 'ok | shutting down | ok', kind);
    }
  }
});

test('with --readiness-on-drain keep readiness follows its probe, and fails once the app was signalled', () => {
  const keep = policyWith({ readinessOnDrain: 'keep' });
  assert.equal(verdictsOf(delaying, keep), 'ok | ok | ok');
  const ready = { kind: 'failing', cause: 'failed', reason: 'HTTP 503' } as const;
  assert.equal(verdictsOf({ ...delaying, standings: { ...HEALTHY, ready } }, keep), 'ok | HTTP 503 | ok');
  for (const state of [...STATES.stopping, ...STATES.killing]) {
    assert.equal(verdictsOf(state, keep), 'ok | shutting down | ok');
  }
});

test('after the exit of the app every verdict fails', () => {
  const gone = 'the app has exited';
  for (const kind of ['findingLeftovers', 'stoppingLeftovers', 'killingLeftovers', 'postExit', 'exited'] as const) {
    const state = STATES[kind][0];
    assert.ok(state !== undefined);
    assert.equal(verdictsOf(state), `${gone} | ${gone} | ${gone}`, kind);
  }
});

test('while the app is being restarted liveness is ok, so that the container is not restarted', () => {
  const again = 'the app has exited and is being restarted';
  const always = policyWith({ restart: 'always' });
  for (const kind of ['findingLeftovers', 'stoppingLeftovers', 'killingLeftovers'] as const) {
    const [, changed, byItself] = STATES[kind];
    assert.ok(changed !== undefined && byItself !== undefined);
    assert.equal(verdictsOf(changed), `${again} | ${again} | ok`, kind);
    assert.equal(verdictsOf(byItself, always), `${again} | ${again} | ok`, kind);
    assert.match(verdictsOf(byItself), /has exited$/, kind);
  }
  for (const state of STATES.backingOff) assert.equal(verdictsOf(state), `${again} | ${again} | ok`);
});
