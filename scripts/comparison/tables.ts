import { alignedTable, type Block } from '../reference/blocks.ts';
import type { Cell, Seen } from './cells.ts';
import { COSTS, costs } from './costs.ts';
import { INITS, type Program, type Row, SUPERVISORS } from './rows.ts';
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

/** The rows that have a cell for most of these programs; what is not known of one of them is said so. */
function tableOf(rows: readonly Row[], programs: readonly Program[]): string {
  const body = rows.flatMap(({ name, cells }) => {
    const known = programs.map((program) => cells[program]);
    const others = known.slice(1).filter((cell) => cell !== undefined);
    return others.length < 2
      ? []
      : [[name, ...known.map((cell) => (cell === undefined ? 'not looked at' : written(cell)))]];
  });
  return alignedTable(['', ...programs], body);
}

function written({ says, link }: Cell): string {
  return link === null ? says : `[${says}](${link})`;
}
