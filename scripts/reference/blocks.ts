/** What stands between two marks of a page. Everything else on the page is written by hand. */
export type Block = {
  /** Its name in the marks. */
  readonly name: string;
  /** Where it comes from, for whoever would change the page. */
  readonly from: string;
  readonly text: string;
};

/** The page with each block as it has to be. A page that lost a mark is an error, because the block would be lost too. */
export function withBlocks(page: string, text: string, blocks: readonly Block[]): string {
  return blocks.reduce((before, { name, from, text: block }) => {
    const marks = new RegExp(`<!-- generated: ${name}[;,][^>]*-->\\n[\\s\\S]*?<!-- end: ${name} -->`);
    if (!marks.test(before)) throw new Error(`cannot write ${page}: it has lost the marks of "${name}"`);
    const begin = `<!-- generated: ${name}; from ${from} by \`npm run docs\` -->`;
    return before.replace(marks, () => `${begin}\n\n${block.trim()}\n\n<!-- end: ${name} -->`);
  }, text);
}

/** Rows of a Markdown table. A bar inside a cell is escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The same with columns of one width, as the formatter has them on pages that it looks at. */
export function alignedTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

export const code = (text: string): string => `\`${text}\``;
