import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { sumOf } from './krew.ts';
import { type Plan, run } from './plan.ts';

const SUMS = 'SHA256SUMS';
/** Of no file that somebody downloads: the notes are the text of the page. */
const WITHOUT_SUM: readonly string[] = [SUMS, 'NOTES.md'];

/** Writes the sums of all files, as `sha256sum --check` reads them, and lets it read them. */
export function writeSums(plan: Plan): string {
  const names = readdirSync(plan.out)
    .filter((name) => !WITHOUT_SUM.includes(name))
    .sort();
  writeFileSync(`${plan.out}/${SUMS}`, names.map((name) => `${sumOf(plan, name)}  ${name}\n`).join(''));
  run('sha256sum', ['--check', '--strict', '--quiet', SUMS], { cwd: plan.out });
  return SUMS;
}

/** One line a file: its size, its SHA-256, its name, and how it was checked. */
export function tableOf(plan: Plan, checks: ReadonlyMap<string, string>): string {
  const names = readdirSync(plan.out).sort();
  const width = Math.max(...names.map((name) => name.length));
  return names
    .map((name) => {
      const size = new Intl.NumberFormat('en').format(statSync(`${plan.out}/${name}`).size);
      return `${name.padEnd(width)}  ${size.padStart(12)}  ${sumOf(plan, name)}  ${checks.get(name) ?? ''}`.trimEnd();
    })
    .join('\n');
}
