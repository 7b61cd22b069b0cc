import { readFileSync, writeFileSync } from 'node:fs';
import { PAGES, withFigures } from './figures/in-pages.ts';

/** Writes the measured figures into the prose of README and docs/ with --write, else prints the names of pages that differ. */
const ROOT = new URL('../', import.meta.url);

for (const page of PAGES) {
  const text = readFileSync(new URL(page, ROOT), 'utf8');
  const written = withFigures(page, text);
  if (written === text) continue;
  if (process.argv.includes('--write')) writeFileSync(new URL(page, ROOT), written);
  else process.stdout.write(`${page} differs; npm run docs writes it\n`);
}
