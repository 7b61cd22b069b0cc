// The load, in a process of its own: argv[2] is the plan as JSON. It runs until `stop` comes over the IPC channel, lets what
// is under way come to its end, sends the tallies, and exits.
import { randomOf } from '../../../../src/rehearse/random.ts';
import { KINDS, type Kind, requestsTo } from './kinds.ts';
import type { Plan, Tallies } from './load.ts';
import type { Target } from './requests.ts';
import { count, newTally, type Tally } from './tally.ts';

/** More than this under way is no load but a jam of the generator's own. */
const UNDER_WAY_LIMIT = 5_000;

const plan = JSON.parse(process.argv[2] ?? '') as Plan;
const random = randomOf(plan.seed);
const { host = '127.0.0.1', port } = plan;
const requests = requestsTo({ host, port, ...portsOf(plan) }, plan.work, random);
const tallies = Object.fromEntries(KINDS.map((kind) => [kind, newTally()])) as Record<Kind, Tally>;
const underWay = new Set<Promise<void>>();
let stopped = false;

function portsOf({ from }: Plan): Pick<Target, 'nextPort'> {
  if (from === undefined) return {};
  let [next] = from;
  return { nextPort: () => (next <= from[1] ? next++ : undefined) };
}

/** Each request begins at its own time, however long others take; what is late is made up for. */
function keepUp(kind: Kind, due: number): void {
  if (stopped) return;
  let next = due;
  for (; next <= performance.now(); next += gap(plan.perSecond[kind])) {
    if (underWay.size < UNDER_WAY_LIMIT) begin(kind);
    else tallies[kind].own['jam'] = (tallies[kind].own['jam'] ?? 0) + 1;
  }
  setTimeout(keepUp, Math.max(0, next - performance.now()), kind, next);
}

/** As of many users who know nothing of each other (a Poisson process), in milliseconds. */
const gap = (perSecond: number): number => (-Math.log(1 - random()) / perSecond) * 1_000;

function begin(kind: Kind): void {
  const from = performance.now();
  const request = requests[kind]().then((outcome) => {
    underWay.delete(request);
    count(tallies[kind], outcome, performance.now() - from);
  });
  underWay.add(request);
}

for (const kind of KINDS) if (plan.perSecond[kind] > 0) keepUp(kind, performance.now() + gap(plan.perSecond[kind]));

// Whoever started it is gone: nobody wants the tallies.
process.on('disconnect', () => process.exit(1));
process.on('message', async (message) => {
  if (message === 'look') process.send?.(tallies satisfies Tallies);
  if (message !== 'stop') return;
  stopped = true;
  await Promise.all(underWay);
  process.send?.(tallies satisfies Tallies, () => process.exit(0));
});
