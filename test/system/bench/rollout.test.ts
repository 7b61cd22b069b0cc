import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstPort } from '../../../src/rehearse/ports.ts';
import { type Cell, type Circumstances, type Played, play } from '../../rig/rollout/cell.ts';
import { contenders, type Name, ON_TERM } from '../../rig/rollout/contenders.ts';
import { KINDS, type Kind } from '../../rig/rollout/load/kinds.ts';
import { sum } from '../../rig/rollout/load/request-counts.ts';

/**
 * What `npm run bench:rollout` measures, once and on one replica, with shorter times. Nodes hear of the end of a pod half
 * a second late at the least, so that an app which is gone by then must lose what is sent to it, and three seconds before
 * the delay is over at the latest, so that a machine which falters does not make k8s-run lose any.
 */
const CIRCUMSTANCES: Circumstances = {
  seed: 'test',
  rollouts: 1,
  interval: 0,
  settle: 300,
  replicas: 1,
  nodes: 3,
  lag: [500, 1_000],
  probing: { period: 100, failureThreshold: 3 },
  times: { delay: 4_000, drainLimit: 5_000, grace: 1_000, terminationGracePeriod: 6_000 },
  perSecond: { new: 15, 'kept-alive': 8, slow: 3, upload: 3, events: 2, websocket: 2, long: 1 },
  work: { ordinary: 25, slow: [4_500, 4_500], upload: 4_500, stream: [200, 2_000], every: 300, long: [2_000, 3_000] },
};

const CELLS: readonly Omit<Cell, 'firstPort'>[] = [
  { contender: 'alone', onTerm: 'dies' },
  { contender: 'alone', onTerm: 'drains' },
  ...ON_TERM.map((onTerm) => ({ contender: 'drain-off', onTerm }) as const),
  ...ON_TERM.map((onTerm) => ({ contender: 'k8s-run', onTerm }) as const),
  { contender: 'k8s-run-tls', onTerm: 'dies' },
  { contender: 'node-drain', onTerm: 'dies' },
  { contender: 'node-drain-h2', onTerm: 'dies' },
];

/** Where a machine that falters makes none fail: a message on a WebSocket, or a request on an idle connection, may cross its end. */
const NONE: Readonly<Record<Exclude<Name, 'alone' | 'tini' | 'sleep'>, readonly Kind[]>> = {
  'drain-off': ['new'],
  'k8s-run': ['new', 'slow', 'upload'],
  'k8s-run-tls': ['new', 'slow', 'upload'],
  'node-drain': ['new', 'slow', 'upload', 'events'],
  'node-drain-h2': ['new', 'kept-alive', 'slow', 'upload', 'events'],
};

/** All side by side: what takes time is waiting. */
const played = new Map(
  CELLS.map((cell, index) => [
    `${cell.contender} ${cell.onTerm}`,
    play({ ...cell, firstPort: firstPort(index) }, CIRCUMSTANCES),
  ]),
);
for (const each of played.values()) each.catch(() => {});

async function playedBy({ contender, onTerm }: Omit<Cell, 'firstPort'>): Promise<Played> {
  const result = await played.get(`${contender} ${onTerm}`);
  assert.ok(result, `${contender} with an app that ${onTerm} was played`);
  for (const kind of KINDS) {
    assert.ok(result.counts[kind].made > 0, `requests of the kind ${kind} were made`);
    assert.deepEqual(result.counts[kind].own, {}, `${kind}: none was lost by the load itself`);
  }
  return result;
}

async function loses(cell: Omit<Cell, 'firstPort'>, kinds: readonly Kind[]): Promise<Readonly<Record<string, object>>> {
  const { counts } = await playedBy(cell);
  return Object.fromEntries(
    kinds.filter((kind) => sum(counts[kind].failed) > 0).map((kind) => [kind, counts[kind].failed]),
  );
}

for (const cell of CELLS) {
  const { contender, onTerm } = cell;
  const app = `an app that ${onTerm} on SIGTERM`;
  if (contender === 'alone' || contender === 'tini' || contender === 'sleep') {
    test(`${app} without k8s-run loses new connections in a rollout`, async () => {
      assert.deepEqual(Object.keys(await loses(cell, ['new'])), ['new']);
    });
  } else {
    const { name } = contenders(CIRCUMSTANCES.times)[contender];
    test(`${app} behind ${name} loses none of these in a rollout: ${NONE[contender].join(', ')}`, async () => {
      assert.deepEqual(await loses(cell, NONE[contender]), {});
      if (contender === 'drain-off') return;
      const { rollouts } = await playedBy(cell);
      assert.ok(rollouts.every(({ terminations }) => terminations.every(({ end }) => end === 'exited')));
    });
  }
}
