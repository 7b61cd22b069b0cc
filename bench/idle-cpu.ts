import { DEFAULT, HTTP, IDLERS, idle } from './idle.ts';
import { cpuOf } from './kernel.ts';
import type { Measure } from './measure.ts';
import { wait } from './processes.ts';

/** Long enough for the check of a quiet port, every 10 s, to happen in each window. */
const WINDOW = 20_000;
const QUICK_WINDOW = 10_000;
const SETTLE = 5_000;

const total = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + cpuOf(pid), 0);

const POLLS = 'one probe a second, each on a new connection, and the timers for it';

/** The CPU time of an idle supervisor. */
export const idleCpu: Measure = {
  name: 'idle-cpu',
  async run(effort, progress) {
    const length = effort === 'full' ? WINDOW : QUICK_WINDOW;
    const windows = effort === 'full' ? 3 : 1;
    const values = new Map<string, number[]>();
    await using idlers = await idle(IDLERS, SETTLE);
    for (let window = 1; window <= windows; window += 1) {
      const from = performance.now();
      const before = new Map(idlers.all.map(({ name, pids }) => [name, total(pids)]));
      await wait(length);
      const seconds = (performance.now() - from) / 1000;
      for (const { name, pids } of idlers.all) {
        const spent = (total(pids) - (before.get(name) ?? Number.NaN)) / seconds;
        values.set(name, [...(values.get(name) ?? []), spent]);
      }
      progress(`${window} of ${windows}`);
    }
    return [
      {
        kind: 'comparison',
        title: 'CPU of the idle supervisor',
        method:
          `CPU time of all threads per second, from /proc/<pid>/task/*/schedstat over windows of ${length / 1000} s ` +
          `that begin ${SETTLE / 1000} s after the start. The health port gets no requests.`,
        unit: 'ms/s',
        // A ratio to a process that does nothing means nothing.
        yardstick: null,
        rows: [...values].map(([name, each]) => ({ name, values: each })),
        targets: [
          {
            row: DEFAULT,
            of: 'median',
            atMost: 2,
            madeOf: 'a check of the socket each second, and the timers for it',
          },
          { row: HTTP, of: 'median', atMost: 4, madeOf: POLLS },
        ],
        plot: 'idle-cpu',
      },
    ];
  },
};
