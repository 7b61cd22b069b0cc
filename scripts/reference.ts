import { readFileSync, writeFileSync } from 'node:fs';
import { comparisonTables } from './comparison/tables.ts';
import { type Block, withBlocks } from './reference/blocks.ts';
import { commandSections } from './reference/commands.ts';
import { causeTable, exitCodeTable, senderTable } from './reference/exits.ts';
import { findingTable } from './reference/findings.ts';
import { eventTable, eventValueTables } from './reference/log.ts';
import { metricTable } from './reference/metrics.ts';
import { optionTables } from './reference/options.ts';
import { endpointTable, lifecycleDiagram, stateTable } from './reference/states.ts';

/**
 * Writes the generated blocks of docs/ from the tables in src/: with --write into the pages, else it prints the names of pages that
 * differ. Prose between the blocks stays as it is. test/unit/docs/generated.test.ts fails while a page differs.
 */
const ROOT: URL = new URL('../', import.meta.url);

export const GENERATED_PAGES: Readonly<Record<string, () => Promise<readonly Block[]>>> = {
  'docs/reference.md': async () => [
    { name: 'commands', from: 'src/cli', text: await commandSections() },
    { name: 'options', from: 'src/config/options', text: optionTables() },
    { name: 'states', from: 'src/lifecycle/catalog.ts', text: stateTable() },
    { name: 'metrics', from: 'src/metrics/catalog.ts', text: metricTable() },
    { name: 'exit codes', from: 'src/exit/exit-meanings.ts', text: exitCodeTable() },
    { name: 'findings', from: 'src/check', text: findingTable() },
    { name: 'events', from: 'src/log/events.ts', text: eventTable() },
    { name: 'event values', from: 'src/log/event-values.ts', text: eventValueTables() },
    { name: 'causes', from: 'src/exit/exit-meanings.ts', text: causeTable() },
    { name: 'senders', from: 'src/exit/exit-meanings.ts', text: senderTable() },
  ],
  'docs/explanation/lifecycle.md': async () => [
    { name: 'diagram', from: 'src/lifecycle/state.ts', text: lifecycleDiagram() },
    { name: 'endpoints', from: 'src/lifecycle/catalog.ts', text: endpointTable() },
  ],
  'docs/explanation/comparison.md': async () => comparisonTables(),
};

/** A page of `GENERATED_PAGES` as it has to be. */
export async function generatedPage(path: string, text: string = readPage(path)): Promise<string> {
  return withBlocks(path, text, (await GENERATED_PAGES[path]?.()) ?? []);
}

export function readPage(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8');
}

if (import.meta.main) {
  for (const path of Object.keys(GENERATED_PAGES)) {
    const page = await generatedPage(path);
    if (process.argv.includes('--write')) writeFileSync(new URL(path, ROOT), page);
    else if (page !== readPage(path)) process.stdout.write(`${path} differs; npm run docs writes it\n`);
  }
}
