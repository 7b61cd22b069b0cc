import { BARE_NODE } from './contenders.ts';
import { DEFAULT, HTTP, IDLERS, idle } from './idle.ts';
import { type Memory, memoryOf } from './kernel.ts';
import type { Comparison, Measure, Samples, Target } from './measure.ts';

const FIGURES: readonly { readonly figure: keyof Memory; readonly title: string; readonly method: string }[] = [
  {
    figure: 'privateDirty',
    title: 'private dirty',
    method: 'What it costs the node and nobody else can use; the figure to judge by.',
  },
  {
    figure: 'pss',
    title: 'proportional (Pss)',
    method: "Shared pages by share: what many processes map, Node's own file above all, counts little for each.",
  },
  {
    figure: 'rss',
    title: 'resident (Rss)',
    method: "Follows the page cache: most of it is Node's own file.",
  },
];

const HEAP =
  'an idle Node, the libraries compiled into its heap (pino, the HTTP server, undici behind an HTTP probe), and the ' +
  'space that using them needs';
const TARGETS: readonly Target[] = [
  { row: DEFAULT, of: 'median', atMost: 12, madeOf: HEAP },
  { row: HTTP, of: 'median', atMost: 16, madeOf: HEAP },
];
/** Side by side, as a busy node has them. */
const CROWD = 20;

/** What a supervisor occupies while nothing happens. */
export const idleMemory: Measure = {
  name: 'idle-memory',
  async run(effort, progress) {
    const settle = effort === 'full' ? 8_000 : 6_000;
    const rounds = effort === 'full' ? 4 : 1;
    const seen: { readonly name: string; readonly memory: Memory }[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      await using idlers = await idle(IDLERS, settle);
      seen.push(...idlers.all.map(({ name, pids }) => ({ name, memory: memoryOf(pids) })));
      progress(`${round} of ${rounds}`);
    }
    const method =
      `/proc/<pid>/smaps_rollup, of all the processes of the supervisor, without the app, ${settle / 1000} s after its ` +
      'start, before its health port is asked.';
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

/** The same for many of a kind on one machine: what is shared is shared by all of them. */
export const crowd: Measure = {
  name: 'crowd',
  async run(effort, progress) {
    const size = effort === 'full' ? CROWD : CROWD / 4;
    // The crowd starts on a machine that it keeps busy.
    const settle = effort === 'full' ? 20_000 : 8_000;
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
      `${size} of each side by side, each above an app of its own; one after the other kind. A value for each, ` +
      `${settle / 1000} s after they were started.`;
    return [
      {
        ...comparison(`${size} side by side: private dirty of each`, method, rowsOf(seen, 'privateDirty')),
        targets: TARGETS,
      },
      comparison(
        `${size} side by side: proportional (Pss) of each`,
        `${method} Times ${size} it is what all of them take of the machine, the runtime's own file included.`,
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
