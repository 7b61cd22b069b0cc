import { availableParallelism } from 'node:os';
import { until } from '../test/rig/deadline.ts';
import { type Contender, freePort, k8sRun } from './contenders.ts';
import { loadOn } from './load.ts';
import type { Comparison, Measure } from './measure.ts';
import { start, wait } from './processes.ts';

const BARE = 'bare node:http';
const OURS = 'k8s-run';
const BARE_FILE = new URL('./bare-health.js', import.meta.url).pathname;
const CONNECTIONS = 8;
/** Until both have compiled their hot code. */
const WARM_UP = 1_500;

/** The app: idle, or keeping every core busy. */
const IDLE = ['sleep', '600'];
export const BUSY: readonly string[] = [
  'bash',
  '-c',
  `for ((n = 1; n < ${availableParallelism()}; n++)); do while :; do :; done & done; while :; do :; done`,
];

const CHECKS = "the checks against floods and slow clients, and the endpoint's own work";

/** Whether the health server is as fast as Node allows. */
export const healthSpeed: Measure = {
  name: 'health-speed',
  async run(effort, progress) {
    const rounds = effort === 'full' ? 8 : 2;
    const length = effort === 'full' ? 4_000 : 2_000;
    const settings = { rounds, length, progress };
    const idle = await compare({ name: 'idle', app: IDLE, ...settings });
    const busy = await compare({ name: 'busy', app: BUSY, ...settings });
    const method =
      `${CONNECTIONS} kept-alive connections send requests for ${length / 1000} s, alternately to k8s-run and to a ` +
      'server of node:http that sends the same bytes.';
    const common = { kind: 'comparison', yardstick: BARE } as const;
    return [
      {
        ...common,
        title: 'Health server: answers a second',
        method: `${method} The app sleeps.`,
        unit: 'answers/s',
        rows: idle.rate,
        targets: [{ row: OURS, of: 'ratio', atLeast: 0.8, madeOf: CHECKS }],
        plot: 'health-speed',
      },
      {
        ...common,
        title: 'Health server: answers a second while the app keeps every core busy',
        method,
        unit: 'answers/s',
        rows: busy.rate,
        targets: [{ row: OURS, of: 'ratio', atLeast: 0.8, madeOf: CHECKS }],
      },
      {
        ...common,
        title: 'Health server: 99th percentile while the app keeps every core busy',
        method: `${method} One value per ${length / 1000} s.`,
        unit: 'ms',
        rows: busy.p99,
        targets: [{ row: OURS, of: 'ratio', atMost: 1.3, madeOf: `${CHECKS}, and the scheduler` }],
      },
    ];
  },
};

type Rows = { readonly rate: Comparison['rows']; readonly p99: Comparison['rows'] };

/** Runs both alternately, each with its own copy of the app; `length` is in milliseconds. */
async function compare({
  name,
  app,
  rounds,
  length,
  progress,
}: {
  readonly name: string;
  readonly app: readonly string[];
  readonly rounds: number;
  readonly length: number;
  readonly progress: (done: string) => void;
}): Promise<Rows> {
  const rate = new Map<string, number[]>([BARE, OURS].map((each) => [each, []]));
  const p99 = new Map<string, number[]>([BARE, OURS].map((each) => [each, []]));
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? [bare, ours] : [ours, bare];
    for (const contender of order) {
      const port = await freePort();
      const { name: row, starting } = contender(port);
      await using _started = start(starting(app), 'ignore');
      const url = `http://127.0.0.1:${port}/readyz`;
      await until(`${row} to be ready`, async () => (await statusOf(url)) === 200);
      await loadOn(url, { connections: CONNECTIONS, duration: WARM_UP });
      // By then the one garbage collection of k8s-run after its start is over.
      await wait(1_500);
      const load = await loadOn(url, { connections: CONNECTIONS, duration: length });
      rate.get(row)?.push((load.answers / load.took) * 1000);
      p99.get(row)?.push(load.p99);
    }
    progress(`${name}, ${round + 1} of ${rounds}`);
  }
  const rowsOf = (values: ReadonlyMap<string, number[]>): Comparison['rows'] =>
    [...values].map(([each, samples]) => ({ name: each, values: samples }));
  return { rate: rowsOf(rate), p99: rowsOf(p99) };
}

export const bare = (port: number): Contender => ({
  name: BARE,
  starting: (app) => [BARE_FILE, String(port), ...app],
});

export const ours = (port: number): Contender => k8sRun(OURS, '--ready=process', `--health-port=${port}`);

export async function statusOf(url: string): Promise<number> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000), headers: { connection: 'close' } });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return 0;
  }
}
