import { until } from '../test/rig/deadline.ts';
import { cpuLimit, makeGroup } from './cgroup.ts';
import { type Contender, freePort } from './contenders.ts';
import { BUSY, bare, ours, statusOf } from './health-speed.ts';
import type { Measure, Samples } from './measure.ts';
import { start, wait } from './processes.ts';

const TITLE = '/readyz under a limit of 0.1 CPU, shared with a busy app';
const LIMIT = 0.1;
/** Milliseconds. */
const INTERVAL = 250;

/** Whether the kubelet, which waits 1 s by default, gets its answer while the app takes all the CPU. */
export const throttled: Measure = {
  name: 'throttled',
  async run(effort, progress) {
    const times = effort === 'full' ? 100 : 24;
    const rows: Samples[] = [];
    for (const contender of [bare, ours]) {
      const port = await freePort();
      const seen = await answersOf(contender(port), port, times);
      if ('missing' in seen) return [{ kind: 'omission', title: TITLE, reason: seen.missing }];
      rows.push(seen);
      progress(seen.name);
    }
    return [
      {
        kind: 'comparison',
        title: TITLE,
        method:
          'Supervisor and app in one CPU cgroup with 10 ms in each 100 ms; the app keeps every core busy. From the first ' +
          `answer on, a request every ${INTERVAL} ms on a new connection, like those of the kubelet.`,
        unit: 'ms',
        yardstick: rows[0]?.name ?? null,
        rows,
        targets: [
          {
            row: 'k8s-run',
            of: 'worst',
            atMost: 1_000,
            madeOf: 'whole periods of 100 ms without CPU time',
          },
        ],
        plot: 'throttled',
      },
    ];
  },
};

async function answersOf(
  { name, starting }: Contender,
  port: number,
  times: number,
): Promise<Samples | { readonly missing: string }> {
  const group = makeGroup('cpu', cpuLimit(LIMIT));
  if ('missing' in group) return group;
  await using _group = group;
  await using _started = start(group.inside(starting(BUSY)), 'ignore');
  const url = `http://127.0.0.1:${port}/readyz`;
  await until(`${name} to be ready`, async () => (await statusOf(url)) === 200);
  const values: number[] = [];
  for (let count = 0; count < times; count += 1) {
    const from = performance.now();
    if ((await statusOf(url)) !== 200) throw new Error(`${name} did not answer 200 within 5 s`);
    values.push(performance.now() - from);
    await wait(INTERVAL);
  }
  return { name, values };
}
