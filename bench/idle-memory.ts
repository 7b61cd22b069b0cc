import { BARE_NODE } from './contenders.ts';
import { IDLE_ROWS, idlers } from './idle.ts';
import { type Memory, memoryOf } from './kernel.ts';
import type { Comparison, Measure, Target } from './measure.ts';

const FIGURES: readonly { readonly figure: keyof Memory; readonly title: string; readonly method: string }[] = [
  {
    figure: 'privateDirty',
    title: 'Memory of the idle supervisor: private dirty',
    method: 'What it costs the node and nobody else can use; the figure to judge by.',
  },
  {
    figure: 'pss',
    title: 'Memory of the idle supervisor: proportional (Pss)',
    method: "Shared pages by share: lower here than alone, for six to eight processes share Node's file.",
  },
  {
    figure: 'rss',
    title: 'Memory of the idle supervisor: resident (Rss)',
    method: "Follows the page cache: most of it is Node's own file.",
  },
];

const HEAP =
  'an idle Node, the libraries compiled into its heap (pino, the HTTP server, undici behind an HTTP probe), and the ' +
  'space that loading them once needed';

/** What a supervisor occupies while nothing happens. */
export const idleMemory: Measure = {
  name: 'idle-memory',
  async run(effort, progress) {
    const settle = effort === 'full' ? 8_000 : 5_000;
    const rounds = effort === 'full' ? 4 : 1;
    const seen: ReadonlyMap<string, Memory>[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      await using idle = await idlers(settle);
      seen.push(new Map([...idle.pids].map(([name, pid]) => [name, memoryOf(pid)])));
      progress(`${round} of ${rounds}`);
    }
    return FIGURES.map(
      ({ figure, title, method }): Comparison => ({
        kind: 'comparison',
        title,
        method: `/proc/<pid>/smaps_rollup of the supervisor alone, ${settle / 1000} s after its start. ${method}`,
        unit: 'MiB',
        yardstick: BARE_NODE.name,
        rows: [...(seen[0]?.keys() ?? [])].map((name) => ({
          name,
          values: seen.map((round) => round.get(name)?.[figure] ?? Number.NaN),
        })),
        targets:
          figure === 'privateDirty'
            ? IDLE_ROWS.map((row): Target => ({ row, of: 'median', atMost: 18, madeOf: HEAP }))
            : [],
      }),
    );
  },
};
