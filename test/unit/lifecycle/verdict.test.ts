import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { State } from '../../../src/lifecycle/state.ts';
import { verdicts } from '../../../src/lifecycle/verdict.ts';
import { HEALTHY, policyWith, STATES } from './examples.ts';

/** The three answers as one line: `ok`, or the reason. */
function told(state: State, policy = policyWith()): string {
  const { startup, ready, live } = verdicts(state, policy);
  return [startup, ready, live].map((verdict) => (verdict.kind === 'ok' ? 'ok' : verdict.reason)).join(' | ');
}

const running = STATES.running[1];
const delaying = STATES.delaying[0];
if (running === undefined || delaying === undefined) throw new Error('no examples');

test('before the app: not started, not ready, alive', () => {
  for (const state of STATES.preparing) {
    assert.equal(told(state), 'the app is not started yet | the app is not started yet | ok');
  }
});

test('a running app is what its probes say, and not ready before it has started', () => {
  assert.equal(told(running), 'ok | ok | ok');
  const startup = { kind: 'pending', cause: 'failed', reason: 'nothing listens' } as const;
  const starting = { ...running, standings: { ...HEALTHY, startup } };
  assert.equal(told(starting), 'nothing listens | not started: nothing listens | ok');
  const ready = { kind: 'failing', cause: 'failed', reason: 'HTTP 503' } as const;
  assert.equal(told({ ...running, standings: { ...HEALTHY, ready } }), 'ok | HTTP 503 | ok');
  const live = { kind: 'failing', cause: 'timeout', reason: 'no answer within 1000 ms' } as const;
  assert.equal(told({ ...running, standings: { ...HEALTHY, live } }), 'ok | ok | no answer within 1000 ms');
});

test('while shutting down readiness fails and liveness holds, even of an app that failed it', () => {
  const standings = { ...HEALTHY, live: { kind: 'failing', cause: 'failed', reason: 'it hangs' } } as const;
  for (const kind of ['preStop', 'delaying', 'draining', 'stopping', 'killing'] as const) {
    for (const state of STATES[kind]) {
      assert.equal(told(state), 'ok | shutting down | ok', kind);
      assert.equal(told({ ...state, standings }), 'ok | shutting down | ok', kind);
    }
  }
});

test('readiness kept while delaying is what the probe says, and fails once the app has its signal', () => {
  const keep = policyWith({ readinessOnDrain: 'keep' });
  assert.equal(told(delaying, keep), 'ok | ok | ok');
  const ready = { kind: 'failing', cause: 'failed', reason: 'HTTP 503' } as const;
  assert.equal(told({ ...delaying, standings: { ...HEALTHY, ready } }, keep), 'ok | HTTP 503 | ok');
  for (const state of [...STATES.stopping, ...STATES.killing]) {
    assert.equal(told(state, keep), 'ok | shutting down | ok');
  }
});

test('once the app has exited nothing is well', () => {
  const gone = 'the app has exited';
  for (const kind of ['findingLeftovers', 'stoppingLeftovers', 'killingLeftovers', 'postExit', 'exited'] as const) {
    const state = STATES[kind][0];
    assert.ok(state !== undefined);
    assert.equal(told(state), `${gone} | ${gone} | ${gone}`, kind);
  }
});

test('unless it is started again: then it is not ready, and nobody need restart the container', () => {
  const again = 'the app has exited and is started again';
  const always = policyWith({ restart: 'always' });
  for (const kind of ['findingLeftovers', 'stoppingLeftovers', 'killingLeftovers'] as const) {
    const [, changed, byItself] = STATES[kind];
    assert.ok(changed !== undefined && byItself !== undefined);
    assert.equal(told(changed), `${again} | ${again} | ok`, kind);
    assert.equal(told(byItself, always), `${again} | ${again} | ok`, kind);
    assert.match(told(byItself), /has exited$/, kind);
  }
  for (const state of STATES.backingOff) assert.equal(told(state), `${again} | ${again} | ok`);
});
