import { BARE_NODE } from './contenders.ts';
import { DEFAULT, HTTP, IDLERS, idle } from './idle.ts';
import { type Memory, memoryOf } from './kernel.ts';
import type { Comparison, Measure, Samples, Target } from './measure.ts';

const FIGURES: readonly { readonly figure: keyof Memory; readonly title: string; readonly method: string }[] = [
  {
    figure: 'privateDirty',
    title: 'private dirty',
    method: 'Memory that only this process uses; the figure that counts.',
  },
  {
    figure: 'pss',
    title: 'proportional (Pss)',
    method:
      "Shared pages are divided among the processes that map them: Node's own file, which many map, counts little for each.",
  },
  {
    figure: 'rss',
    title: 'resident (Rss)',
    method: "Depends on the page cache: most of it is Node's own file.",
  },
];

const HEAP =
  'an idle Node, the libraries compiled into its heap (pino, the HTTP server, undici for HTTP probes), and the memory ' +
  'that they use';
const TARGETS: readonly Target[] = [
  { row: DEFAULT, of: 'median', atMost: 10.5, madeOf: HEAP },
  { row: HTTP, of: 'median', atMost: 12.5, madeOf: HEAP },
];
/** Pods side by side, as on a busy node. */
const CROWD = 20;

/** The memory of an idle supervisor. */
export const idleMemory: Measure = {
  name: 'idle-memory',
  async run(effort, progress) {
    const settle = effort === 'full' ? 14_000 : 12_000;
    const rounds = effort === 'full' ? 4 : 1;
    const seen: { readonly name: string; readonly memory: Memory }[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      await using idlers = await idle(IDLERS, settle);
      seen.push(...idlers.all.map(({ name, pids }) => ({ name, memory: memoryOf(pids) })));
      progress(`${round} of ${rounds}`);
    }
    const method =
      `/proc/<pid>/smaps_rollup of all processes of the supervisor, without the app, ${settle / 1000} s after its ` +
      'start, before the first request to its health port.';
    return FIGURES.map(({ figure, title, method: meaning }): Comparison => {
      const plot = figure === 'privateDirty' ? { plot: 'idle-memory' } : {};
      return {
        ...comparison(`Memory of the idle supervisor: ${title}`, `${method} ${meaning}`, rowsOf(seen, figure)),
        targets: figure === 'privateDirty' ? TARGETS : [],
        ...plot,
      };
    });
  },
};

/** The same for many instances on one machine, which share their shared pages. */
export const crowd: Measure = {
  name: 'crowd',
  async run(effort, progress) {
    const size = effort === 'full' ? CROWD : CROWD / 4;
    // Starting this many keeps the machine busy at first.
    const settle = effort === 'full' ? 20_000 : 12_000;
    const seen: { readonly name: string; readonly memory: Memory }[] = [];
    for (const [index, idler] of IDLERS.entries()) {
      await using idlers = await idle(
        Array.from({ length: size }, () => idler),
        settle,
      );
      seen.push(...idlers.all.map(({ name, pids }) => ({ name, memory: memoryOf(pids) })));
      progress(`${index + 1} of ${IDLERS.length}`);
    }
    const method =
      `${size} instances of one contender side by side, each with its own app; one contender after the other. One value ` +
      `per instance, ${settle / 1000} s after the start.`;
    return [
      {
        ...comparison(`${size} side by side: private dirty of each`, method, rowsOf(seen, 'privateDirty')),
        targets: TARGETS,
      },
      comparison(
        `${size} side by side: proportional (Pss) of each`,
        `${method} ${size} times this value is the memory that all of them use together, including the runtime's own file.`,
        rowsOf(seen, 'pss'),
      ),
    ];
  },
};

function comparison(title: string, method: string, rows: readonly Samples[]): Comparison {
  return { kind: 'comparison', title, method, unit: 'MiB', yardstick: BARE_NODE.name, rows, targets: [] };
}

function rowsOf(
  seen: readonly { readonly name: string; readonly memory: Memory }[],
  figure: keyof Memory,
): readonly Samples[] {
  const names = [...new Set(seen.map(({ name }) => name))];
  return names.map((name) => ({
    name,
    values: seen.filter((each) => each.name === name).map(({ memory }) => memory[figure]),
  }));
}
