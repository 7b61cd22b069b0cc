import { readFileSync, writeFileSync } from 'node:fs';
import { EDGES, LAYERS } from '../test/unit/architecture/edges.ts';

/**
 * Prints docs/architecture.md as it has to be: its prose as it stands, its layers and edges from test/unit/architecture/edges.ts.
 * With --write it becomes so. test/unit/docs/architecture.test.ts fails while the two differ.
 */
const PAGE: URL = new URL('../docs/architecture.md', import.meta.url);
const GENERATED = /(<!-- edges: [^>]*-->\n)[\s\S]*?(<!-- end of edges -->)/;

export function architecture(page: string = readFileSync(PAGE, 'utf8')): string {
  if (!GENERATED.test(page)) throw new Error('docs/architecture.md has lost the marks between which its edges stand');
  return page.replace(GENERATED, (_all, begin: string, end: string) => `${begin}\n${layers()}\n${edges()}\n\n${end}`);
}

function layers(): string {
  const lines = LAYERS.map((rooms, index) => `${LAYERS.length - index}  ${rooms.map(nameOf).join(' · ')}`);
  return ['```', ...lines, '```', ''].join('\n');
}

function edges(): string {
  const rows = Object.entries(EDGES).map(([room, { code = [], types = [] }]) => [
    nameOf(room),
    code.map(nameOf).join(', '),
    types.map(nameOf).join(', '),
  ]);
  const table = [['room', 'imports', 'imports types of'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  return lines.toSpliced(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`).join('\n');
}

function nameOf(room: string): string {
  return room.replace(/\.ts$/, '');
}

if (import.meta.main) {
  if (process.argv.includes('--write')) writeFileSync(PAGE, architecture());
  else process.stdout.write(architecture());
}
