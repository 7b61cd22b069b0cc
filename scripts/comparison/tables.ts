import { alignedTable, type Block } from '../reference/blocks.ts';
import type { Cell, Seen } from './cells.ts';
import { COSTS, costs } from './costs.ts';
import { PROXIES } from './proxies.ts';
import { INITS, PROXIES_AND_LIBRARIES, type Program, type Row, SUPERVISORS } from './rows.ts';
import { SERVICES } from './services.ts';
import { SIGNALS } from './signals.ts';
import { TRAFFIC } from './traffic.ts';

/** The tables of docs/explanation/comparison.md. */
export function comparisonTables(): readonly Block[] {
  const from = 'scripts/comparison';
  return [
    {
      name: 'signals, inits',
      from,
      text: tableOf(
        SIGNALS,
        INITS.filter((program) => program !== 'preStop: sleep'),
      ),
    },
    { name: 'signals, supervisors', from, text: tableOf(SIGNALS, SUPERVISORS) },
    { name: 'traffic, inits', from, text: tableOf(TRAFFIC, INITS) },
    { name: 'traffic, supervisors', from, text: tableOf(TRAFFIC, SUPERVISORS) },
    { name: 'services', from, text: tableOf(SERVICES, SUPERVISORS) },
    { name: 'proxies and libraries', from, text: tableOf(PROXIES, PROXIES_AND_LIBRARIES) },
    {
      name: 'costs',
      from,
      text: alignedTable(
        ['', ...COSTS],
        costs().map(([name, cells]) => [name, ...cells.map(written)]),
      ),
    },
  ];
}

/** What the tests have to see when they run the programs. */
export const SEEN: readonly Seen[] = [...SIGNALS, ...TRAFFIC, ...SERVICES].flatMap(({ cells }) =>
  Object.values(cells).flatMap(({ run }) => (run === undefined ? [] : [run])),
);

/** The rows that have a cell for these programs. Throws if one of them was not looked at. */
function tableOf(rows: readonly Row[], programs: readonly Program[]): string {
  const body = rows
    .filter(({ cells }) => programs.some((program) => program !== 'k8s-run' && cells[program] !== undefined))
    .map(({ name, cells }) => [
      name,
      ...programs.map((program) => {
        const cell = cells[program];
        if (cell === undefined) throw new Error(`${name}: ${program} has no cell`);
        return written(cell);
      }),
    ]);
  return alignedTable(['', ...programs], body);
}

function written({ says, link }: Cell): string {
  return link === null ? says : `[${says}](${link})`;
}
