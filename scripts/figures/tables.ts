import { readFileSync } from 'node:fs';
import { parsePage } from '../../bench/page.ts';

/** Figures that a command wrote into a page of docs/, read from its tables. */

const ROOT = new URL('../../', import.meta.url);

/** A table that a command wrote: its cells by row and column, and when and how it was measured. */
export type Measured = {
  readonly cell: (row: string, column: string) => string;
  /** YYYY-MM-DD; null: it has none. */
  readonly date: string | null;
};

/** A section of docs/benchmarks.md. */
export function benchmark(title: string): Measured {
  const section = parsePage(read('docs/benchmarks.md')).sections.get(title);
  if (section === undefined) throw new Error(`docs/benchmarks.md has no section "${title}"`);
  return measured(`docs/benchmarks.md, ${title}`, section);
}

/** What `npm run test:cluster -- --write` wrote between the marks of this name. */
export function onACluster(name: 'restarts' | 'memory'): Measured {
  const page = 'docs/explanation/on-a-cluster.md';
  const marks = new RegExp(`<!-- written by [^>]*: ${name} -->([\\s\\S]*?)<!-- end of what is written -->`);
  const text = marks.exec(read(page))?.[1];
  if (text === undefined) throw new Error(`${page} has lost the marks of "${name}"`);
  return measured(`${page}, ${name}`, text);
}

function measured(where: string, text: string): Measured {
  const [head = [], ...rows] = tableIn(text);
  return {
    date: /^(?:Measured on |- )(\d{4}-\d\d-\d\d)\b/m.exec(text)?.[1] ?? null,
    cell(row, column) {
      const found = rows.find(([name]) => name === row)?.[head.indexOf(column)];
      if (found === undefined) throw new Error(`${where}: no figure in the row "${row}", column "${column}"`);
      return found;
    },
  };
}

/** The cells of the first Markdown table, its head first. */
function tableIn(text: string): readonly (readonly string[])[] {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.startsWith('|'));
  const after = lines.findIndex((line, index) => index > first && !line.startsWith('|'));
  return lines
    .slice(first, after < 0 ? undefined : after)
    .filter((line) => !/^[|\s:-]+$/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

function read(page: string): string {
  return readFileSync(new URL(page, ROOT), 'utf8');
}
