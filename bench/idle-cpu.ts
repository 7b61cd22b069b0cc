import { BARE_NODE } from './contenders.ts';
import { DEFAULT, HTTP, IDLERS, idle } from './idle.ts';
import { cpuOf } from './kernel.ts';
import type { Measure, Samples } from './measure.ts';
import { wait } from './processes.ts';

/** Long enough for the check of a quiet port, every 10 s, to happen in each window. */
const WINDOW = 20_000;
const QUICK_WINDOW = 10_000;
/** By then everything is loaded, and memory was given back twice, which takes 40 ms each. */
const SETTLE = 45_000;

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
            atMost: 1,
            madeOf: 'a check of the socket each second, and the timers for it',
          },
          { row: HTTP, of: 'median', atMost: 2, madeOf: POLLS },
        ],
        plot: 'idle-cpu',
      },
    ];
  },
};

/** As many as are measured, and as many pods as a large node has. */
const CROWD = 20;
const NODE = 200;

/** What a node full of them spends, measured on as many as one machine can hold beside their apps. */
export const crowdCpu: Measure = {
  name: 'crowd-cpu',
  async run(effort, progress) {
    const size = effort === 'full' ? CROWD : CROWD / 4;
    const length = effort === 'full' ? WINDOW : QUICK_WINDOW;
    const rows: Samples[] = [];
    for (const idler of IDLERS.filter(({ name }) => [BARE_NODE.name, DEFAULT, HTTP].includes(name))) {
      await using idlers = await idle(
        Array.from({ length: size }, () => idler),
        SETTLE,
      );
      const all = idlers.all.flatMap(({ pids }) => pids);
      const values: number[] = [];
      for (let window = 1; window <= 3; window += 1) {
        const from = performance.now();
        const before = total(all);
        await wait(length);
        values.push(((total(all) - before) / (performance.now() - from)) * 1_000 * (NODE / size));
      }
      rows.push({ name: idler.name, values });
      progress(idler.name);
    }
    return [
      {
        kind: 'comparison',
        title: `CPU of ${NODE} idle pods on one node`,
        method:
          `CPU time per second of ${size} instances side by side, each with an app of its own, times ${NODE / size}; from ` +
          `${SETTLE / 1000} s after the start on, over ${length / 1000} s. 1000 ms/s is one processor.`,
        unit: 'ms/s',
        yardstick: null,
        rows,
        targets: [
          {
            row: DEFAULT,
            of: 'median',
            atMost: NODE,
            madeOf: 'a check of the socket each second, and the timers for it',
          },
          { row: HTTP, of: 'median', atMost: 2 * NODE, madeOf: POLLS },
        ],
      },
    ];
  },
};
