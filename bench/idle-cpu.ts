import { DEFAULT, HTTP, IDLERS, idle } from './idle.ts';
import { cpuOf } from './kernel.ts';
import type { Measure } from './measure.ts';
import { wait } from './processes.ts';

/** Long enough that what happens every ten seconds, the look at a quiet port, happens in each window. */
const WINDOW = 20_000;
const QUICK_WINDOW = 10_000;
const SETTLE = 5_000;

const total = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + cpuOf(pid), 0);

const POLLS = 'one poll a second, each on a connection of its own, and the timers around it';

/** What a supervisor takes of the CPU while nothing happens. */
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
          `Milliseconds of all threads in a second, from /proc/<pid>/task/*/schedstat over windows of ${length / 1000} s ` +
          `that begin ${SETTLE / 1000} s after the start. The health port is not asked.`,
        unit: 'ms/s',
        // A ratio to what does nothing says nothing.
        yardstick: null,
        rows: [...values].map(([name, each]) => ({ name, values: each })),
        targets: [
          {
            row: DEFAULT,
            of: 'median',
            atMost: 2,
            madeOf: 'a look at the socket each second, and the timers around it',
          },
          { row: HTTP, of: 'median', atMost: 4, madeOf: POLLS },
        ],
        plot: 'idle-cpu',
      },
    ];
  },
};
