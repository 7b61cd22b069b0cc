import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { firstPort } from '../src/rehearse/ports.ts';
import type { Cell } from '../test/rig/rollout/cell.ts';
import { NAMES, type Name, ON_TERM } from '../test/rig/rollout/contenders.ts';
import { machine } from './machine.ts';
import { circumstances, withoutLoad } from './rollout/circumstances.ts';
import { playAll } from './rollout/players.ts';
import { report } from './rollout/report.ts';
import type { Run } from './rollout/run.ts';

const USAGE = `npm run bench:rollout [-- [--quick] [--seed <text>] [--json] [--write]]

  Runs the same rolling updates under load with each contender and each app, and prints the failed requests.

  --quick   a short run with rough figures: 9 minutes instead of 40, on two processors
  --seed    random seed (default 1); the same seed repeats lags, endpoints and arrivals
  --json    all counts as JSON instead of tables
  --write   a full run, whose tables are also written to docs/explanation/rolling-updates.md
`;

const PAGE = new URL('../docs/explanation/rolling-updates.md', import.meta.url);
const WRITTEN = /(<!-- written by [^>]*-->\n)[\s\S]*?(<!-- end of what is written -->)/;

const flags = readFlags();
if (flags.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
if (flags.write && flags.quick) {
  process.stderr.write('--write needs a full run: remove --quick\n');
  process.exit(64);
}

const names = NAMES.filter(isAvailable);
const cells: readonly Cell[] = ON_TERM.flatMap((onTerm) => names.map((contender) => ({ contender, onTerm }))).map(
  (cell, index) => ({ ...cell, firstPort: firstPort(index) }),
);
const idlers = cells.filter(({ onTerm, contender }) => onTerm === 'dies' && contender !== 'tini');
const loaded = circumstances(flags.quick ? 'quick' : 'full', flags.seed);
const facts = { date: new Date().toISOString().slice(0, 10), ...machine() };
const run: Run = {
  machine: facts,
  circumstances: loaded,
  loaded: await playAll(cells, loaded, (done) => progress(`with load: ${done}`)),
  idle: await playAll(idlers, withoutLoad(loaded), (done) => progress(`without load: ${done}`)),
};
progress('');
process.stdout.write(flags.json ? `${JSON.stringify(run, null, 2)}\n` : `${report(run, '##')}\n`);
if (flags.write) {
  const page = readFileSync(PAGE, 'utf8');
  if (!WRITTEN.test(page))
    throw new Error(`cannot write to ${PAGE.pathname}: the comments that mark its generated part are missing`);
  writeFileSync(
    PAGE,
    page.replace(WRITTEN, (_all, begin, end) => `${begin}\n${report(run, '###')}\n\n${end}`),
  );
}

/** Whether the contender's program is installed on this machine. */
function isAvailable(name: Name): boolean {
  return name !== 'tini' || spawnSync('tini', ['--version']).status === 0;
}

function readFlags() {
  try {
    const boolean = { type: 'boolean', default: false } as const;
    const { values } = parseArgs({
      options: {
        quick: boolean,
        json: boolean,
        write: boolean,
        help: boolean,
        seed: { type: 'string', default: '1' },
      },
    });
    return values;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(64);
  }
}

/** One line that overwrites the previous one; nothing unless stderr is a terminal. */
function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
}
