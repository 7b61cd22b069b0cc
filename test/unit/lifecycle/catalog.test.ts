import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type EndpointAnswer, STATE_ROWS } from '../../../src/lifecycle/catalog.ts';
import type { ProbeName, Standing, State } from '../../../src/lifecycle/state.ts';
import { type Verdicts, verdicts } from '../../../src/lifecycle/verdict.ts';
import { type Kind, policyWith, STATES } from './examples.ts';
import { policies, scenarios } from './scenarios.ts';
import { simulate } from './simulation.ts';

const PROBES: readonly ProbeName[] = ['startup', 'ready', 'live'];
const PASSING: Standing = { kind: 'passing' };
const FAILING: Standing = { kind: 'failing', cause: 'failed', reason: 'it does not answer' };

/** What each endpoint answers when every probe stands as given. */
function answersWith(state: State, standing: Standing): Verdicts {
  const standings = { startup: PASSING, ready: standing, live: standing };
  return verdicts('standings' in state ? { ...state, standings } : state, policyWith());
}

function answerOf(state: State, probe: ProbeName): EndpointAnswer {
  if (probe === 'startup' && 'standings' in state) {
    const failing = { ...state, standings: { ...state.standings, startup: FAILING } };
    return verdicts(failing, policyWith()).startup.kind === 'failed' ? 'follows the probe' : 'passes';
  }
  const kinds = [PASSING, FAILING].map((standing) => answersWith(state, standing)[probe].kind);
  if (kinds[0] !== kinds[1]) return 'follows the probe';
  return kinds[0] === 'ok' ? 'passes' : 'fails';
}

test('each state answers the endpoints as its row says', () => {
  for (const [kind, { endpoints }] of Object.entries(STATE_ROWS)) {
    // While the app is gone and is to be restarted, liveness holds; the row is about the end of a life.
    const [state] = STATES[kind as Kind];
    assert.ok(state !== undefined);
    const found = Object.fromEntries(PROBES.map((probe) => [probe, answerOf(state, probe)]));
    assert.deepEqual(found, endpoints, kind);
  }
});

test('each state of a simulated life is in the phase that its row names', () => {
  const entered = new Set<string>();
  const lives = fc.sample(fc.tuple(scenarios, policies), { numRuns: 500, seed: 1 });
  for (const [scenario, policy] of lives) {
    for (const { after } of simulate(scenario, policy)) {
      const { phase } = STATE_ROWS[after.kind];
      // The first count of a drain that nobody asked for is not a phase yet.
      const isCounting = after.kind === 'draining' && after.stage === 'counting';
      if (phase !== null && !isCounting) assert.equal(after.timeline.at(-1)?.phase, phase, after.kind);
      entered.add(after.kind);
    }
  }
  assert.deepEqual([...entered].sort(), Object.keys(STATE_ROWS).sort());
});
