import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OnTerm } from '../../rig/rollout/contenders.ts';
import { KINDS, type Kind } from '../../rig/rollout/load/kinds.ts';
import { sum } from '../../rig/rollout/load/request-counts.ts';
import { measured, options } from '../options.ts';
import { type Leg, legsOf, type Played, play, together } from './cell.ts';
import { NAMES, type Name, TITLES } from './contenders.ts';

/** What must be none, whatever the app does on SIGTERM. */
const NONE: Readonly<Record<Name, readonly Kind[]>> = {
  alone: [],
  sleep: ['new'],
  'drain-off': ['new'],
  'k8s-run': ['new', 'slow', 'upload'],
  'k8s-run-tls': ['new', 'slow', 'upload'],
  // A message on a WebSocket may cross the frame that closes it.
  'node-drain': KINDS.filter((kind) => kind !== 'long' && kind !== 'websocket'),
  'node-drain-h2': KINDS.filter((kind) => kind !== 'long' && kind !== 'websocket'),
};
/** What nobody can end from outside without a race: fewer than without k8s-run, never promised to be none. */
const FEWER: readonly Kind[] = ['kept-alive', 'events', 'websocket', 'long'];

const played: Played[] = [];

/** Two apps at a time, as long as each other: what takes time is waiting, but three loads at once keep a small node too busy to tell. */
const LANES: readonly (readonly OnTerm[])[] = [['dies'], ['drains', 'ignores']];

describe('rolling restarts under load', { concurrency: true }, () => {
  for (const lane of LANES) {
    describe(`of apps: ${lane.join(', ')}`, { concurrency: 1 }, () => {
      for (const onTerm of lane) describe(`that ${onTerm} on SIGTERM`, { concurrency: 1 }, () => turnsOf(onTerm));
    });
  }
});

function turnsOf(onTerm: OnTerm): void {
  for (const leg of legsOf(options.rollouts[onTerm])) {
    // Who is first in one leg is last in the next.
    for (const [index] of NAMES.entries()) turn(NAMES[(index + leg.leg) % NAMES.length] ?? 'alone', onTerm, leg);
  }
  // Who ignores the signal is killed in the end, whoever is in front; who drains loses little to compare.
  if (onTerm === 'dies')
    test('in rolling restarts k8s-run loses fewer requests of every kind than the app alone', () => compare(onTerm));
}

function turn(contender: Name, onTerm: OnTerm, leg: Leg): void {
  const which = leg.leg === 0 ? '' : `, turn ${leg.leg + 1}`;
  test(`rolling restarts with ${TITLES[contender]}: ${NONE[contender].join(', ') || 'nothing'} must not fail${which}`, async () => {
    const result = await play({ contender, onTerm }, leg);
    played.push(result);
    measured.rollouts = together(played);
    measured.played += 1;
    for (const kind of KINDS) {
      assert.ok(result.counts[kind].made > 0, `requests of the kind ${kind} were made`);
      assert.deepEqual(result.counts[kind].own, {}, `${kind}: none was lost by the load itself`);
    }
    const slowest = `the slowest ordinary answer took ${(result.counts.new.slowest / 1_000).toFixed(1)} s`;
    for (const kind of NONE[contender]) {
      assert.equal(JSON.stringify(result.counts[kind].failed), '{}', `${kind}; ${slowest}: is the machine too busy?`);
    }
  });
}

/**
 * Of an app that dies at once, for each kind by itself and each rollout. How many new connections the app alone loses is the
 * cluster's: one that hears at once loses none. What is in flight when the app dies fails on every cluster.
 */
function compare(onTerm: OnTerm): void {
  const failures = (name: Name, kind: Kind): number => {
    const found = together(played).find((each) => each.onTerm === onTerm && each.contender === name);
    assert.ok(found !== undefined, `${TITLES[name]} was played`);
    return sum(found.counts[kind].failed) / found.took.length;
  };
  for (const kind of [...FEWER, 'slow', 'upload'] as const)
    assert.ok(failures('alone', kind) > 0, `the app alone: ${kind}`);
  const claims: readonly (readonly [fewer: Name, than: Name, kinds: readonly Kind[]])[] = [
    // What takes longer than the delay dies with the app, and the longer a rollout takes the more of it there is.
    ['drain-off', 'alone', FEWER.filter((kind) => kind !== 'long')],
    ['k8s-run', 'alone', FEWER],
    // Of kept connections a sleep loses what is in flight at a random moment: two a rollout, too few to tell in two rollouts.
    ['k8s-run', 'sleep', options.isFull ? FEWER : FEWER.filter((kind) => kind !== 'kept-alive')],
  ];
  for (const [fewer, than, kinds] of claims) {
    for (const kind of kinds) {
      const [one, other] = [failures(fewer, kind), failures(than, kind)];
      assert.ok(one < other, `${kind}: ${one} in a rollout with ${TITLES[fewer]}, ${other} with ${TITLES[than]}`);
    }
  }
}
