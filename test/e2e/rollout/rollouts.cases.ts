import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { ON_TERM, type OnTerm } from '../../rig/rollout/contenders.ts';
import { KINDS, type Kind } from '../../rig/rollout/load/kinds.ts';
import { sum } from '../../rig/rollout/load/tally.ts';
import { effort, told } from '../effort.ts';
import { type Played, play } from './cell.ts';
import { NAMES, type Name, TITLES } from './contenders.ts';

/** What must be none, whatever the app does on SIGTERM. */
const NONE: Readonly<Record<Name, readonly Kind[]>> = {
  alone: [],
  sleep: ['new'],
  'k8s-run': ['new'],
  'drain-connections': ['new', 'slow', 'upload'],
};
/** What nobody can end from outside without a race: fewer than without k8s-run, never promised to be none. */
const FEWER: readonly Kind[] = ['kept-alive', 'events', 'websocket'];

const played: Played[] = [];
const failed = ({ tallies }: Played, kind: Kind): number => sum(tallies[kind].failed);

// One lane for each app, its contenders one after the other: what takes time is waiting.
describe('rolling restarts under load', { concurrency: true }, () => {
  for (const onTerm of ON_TERM) {
    describe(`of an app that ${onTerm} on SIGTERM`, { concurrency: 1 }, () => {
      for (const contender of NAMES) lane(contender, onTerm);
      // Who ignores the signal is killed in the end, whoever is in front: nothing to compare.
      if (onTerm !== 'ignores') after(() => compare(onTerm));
    });
  }
  after(() => told.rollouts.push(...played));
});

function lane(contender: Name, onTerm: OnTerm): void {
  test(`${TITLES[contender]}: ${NONE[contender].join(', ') || 'nothing'} must not fail`, async () => {
    const result = await play({ contender, onTerm, rollouts: effort.rollouts[onTerm] });
    played.push(result);
    for (const kind of KINDS) {
      assert.ok(result.tallies[kind].made > 0, `requests of the kind ${kind} were made`);
      assert.deepEqual(result.tallies[kind].own, {}, `${kind}: none was lost by the load itself`);
    }
    const slowest = `the slowest ordinary answer took ${(result.tallies.new.slowest / 1_000).toFixed(1)} s`;
    for (const kind of NONE[contender]) {
      assert.equal(JSON.stringify(result.tallies[kind].failed), '{}', `${kind}; ${slowest}: is the machine too busy?`);
    }
  });
}

function compare(onTerm: OnTerm): void {
  const of = (name: Name): Played | undefined =>
    played.find((each) => each.onTerm === onTerm && each.contender === name);
  const [alone, sleep, best] = [of('alone'), of('sleep'), of('drain-connections')];
  if (alone === undefined || sleep === undefined || best === undefined) return;
  assert.ok(failed(alone, 'new') > 0, 'the app alone loses new connections');
  const all = (result: Played): number => FEWER.reduce((total, kind) => total + failed(result, kind), 0);
  for (const other of [alone, sleep]) {
    assert.ok(
      all(best) <= all(other),
      `${all(best)} of ${FEWER.join(', ')} failed with drain-connections, ${all(other)} with ${TITLES[other.contender]}`,
    );
  }
}
