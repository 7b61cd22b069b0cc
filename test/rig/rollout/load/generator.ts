// The load, as a process. argv[2]: the plan as JSON. It runs until `stop` comes over the IPC channel, waits for the requests in
// flight, sends the counts, and exits.
import { randomOf } from '../../../../src/rehearse/random.ts';
import { KINDS, type Kind, requestsTo } from './kinds.ts';
import type { LoadCounts, Plan } from './load.ts';
import { count, emptyCounts, type RequestCounts } from './request-counts.ts';
import type { Target } from './requests.ts';

/** With more requests in flight the generator itself is overloaded. */
const IN_FLIGHT_LIMIT = 5_000;

const plan = JSON.parse(process.argv[2] ?? '') as Plan;
const random = randomOf(plan.seed);
const { host = '127.0.0.1', port, protocol } = plan;
const requests = requestsTo({ host, port, protocol, ...portsOf(plan) }, plan.work, random);
const counts = Object.fromEntries(KINDS.map((kind) => [kind, emptyCounts()])) as Record<Kind, RequestCounts>;
const inFlight = new Set<Promise<void>>();
let stopped = false;

function portsOf({ from }: Plan): Pick<Target, 'nextPort'> {
  if (from === undefined) return {};
  let [next] = from;
  return { nextPort: () => (next <= from[1] ? next++ : undefined) };
}

/** Starts each request when it is due, however long others take; late ones are started at once. */
function keepUp(kind: Kind, due: number): void {
  if (stopped) return;
  let next = due;
  for (; next <= performance.now(); next += gap(plan.perSecond[kind])) {
    if (inFlight.size < IN_FLIGHT_LIMIT) begin(kind);
    else counts[kind].own['overload'] = (counts[kind].own['overload'] ?? 0) + 1;
  }
  setTimeout(keepUp, Math.max(0, next - performance.now()), kind, next);
}

/** Milliseconds to the next request, as of many independent users (a Poisson process). */
const gap = (perSecond: number): number => (-Math.log(1 - random()) / perSecond) * 1_000;

function begin(kind: Kind): void {
  const from = performance.now();
  const request = requests[kind]().then((outcome) => {
    inFlight.delete(request);
    count(counts[kind], outcome, performance.now() - from);
  });
  inFlight.add(request);
}

for (const kind of KINDS) if (plan.perSecond[kind] > 0) keepUp(kind, performance.now() + gap(plan.perSecond[kind]));

// The parent process is gone, so the counts are not needed.
process.on('disconnect', () => process.exit(1));
process.on('message', async (message) => {
  if (message === 'look') process.send?.(counts satisfies LoadCounts);
  if (message !== 'stop') return;
  stopped = true;
  await Promise.all(inFlight);
  process.send?.(counts satisfies LoadCounts, () => process.exit(0));
});
