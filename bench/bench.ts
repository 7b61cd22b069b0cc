import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { charged } from './charged.ts';
import { checkSpeed } from './check-speed.ts';
import { commandStart } from './command-start.ts';
import { connectionCount } from './connection-count.ts';
import { exit } from './exit.ts';
import { flood } from './flood.ts';
import { healthSpeed } from './health-speed.ts';
import { crowdCpu, idleCpu } from './idle-cpu.ts';
import { crowd, idleMemory } from './idle-memory.ts';
import { leak } from './leak.ts';
import { machine } from './machine.ts';
import type { Measure, Result } from './measure.ts';
import { withSections } from './page.ts';
import { ALL_OTHERS } from './peers.ts';
import { plot } from './plot.ts';
import { preload } from './preload.ts';
import { profile } from './profile.ts';
import { reaping } from './reaping.ts';
import { machineSection, measuredOn, missed, section } from './report.ts';
import { shutdown } from './shutdown.ts';
import { signalLoss } from './signal-loss.ts';
import { signalsHandled } from './signals-handled.ts';
import { size } from './size.ts';
import { slowStart } from './slow-start.ts';
import { start } from './start.ts';
import { storm } from './storm.ts';
import { throttled } from './throttled.ts';
import { unready } from './unready.ts';
import { waitingCpu } from './waiting-cpu.ts';

const MEASURES: readonly Measure[] = [
  ...[start, signalsHandled, signalLoss, unready, shutdown, exit, reaping, storm, size],
  ...[idleMemory, crowd, charged, leak, idleCpu, healthSpeed, throttled],
  ...[crowdCpu, waitingCpu, slowStart, connectionCount, preload, flood, checkSpeed, commandStart, profile],
];
const names = MEASURES.map(({ name }) => name);

const USAGE = `npm run bench [-- [--quick] [--json] [--gate] [--write] [measure…]]

  --quick   a short run with rough figures
  --json    all values as JSON instead of tables
  --gate    exit code 1 when a target is missed
  --write   a full run, also written to docs/benchmarks.md with plots, where it replaces the sections of these measures; needs an
            otherwise idle machine. \`npm run docs\` then moves the figures in prose along
  measure   measures to run (default: all): ${names.join(', ')}
`;

const PREFACE = `# Benchmarks

The cost of k8s-run, measured by \`npm run bench -- --write\`, which wrote this page. Run it on your own machine: ratios
within one run differ far less between machines than the figures themselves. Each section is a run of its own, on a shared
machine that was several times slower in some hours than in others: compare the figures of one section, not those of two.

k8s-run is compared with a bare Node and with the alternatives: tini, dumb-init and catatonit, which are inits in C; s6
(s6-svscan and s6-supervise, the core of s6-overlay), supervisord and pm2-runtime, which supervise services. Only
k8s-run answers probes and holds TERM back until traffic has stopped; its figures include the cost of both.

Timings alternate between the contenders: every round begins with a different one, and the first round does not count.
For memory and CPU the idle contenders run side by side during the same seconds. Each is executed as in a container: by
its own file and shebang. "Bare node" is the smallest possible supervisor on Node: a script that spawns the app and
passes its exit code on ([bench/bare.js](../bench/bare.js)). **The C inits win** wherever only their own features are
compared: without a runtime they start in a tenth of the time, stay under a megabyte and react sooner, and no supervisor
on Node can change that. Each section lists which contenders are better.

`;

const { values: flags, positionals } = readFlags();
const unknown = positionals.filter((name) => !names.includes(name));
if (flags.help || unknown.length > 0) {
  for (const name of unknown) process.stderr.write(`unknown measure: ${name}\n`);
  process.stderr.write(USAGE);
  process.exit(unknown.length > 0 ? 64 : 0);
}
if (flags.write && flags.quick) {
  process.stderr.write('--write needs a full run: remove --quick\n');
  process.exit(64);
}

const options = { others: ALL_OTHERS.map(({ name }) => name), plots: flags.write };
const facts = { date: new Date().toISOString().slice(0, 10), ...machine() };
const results: Result[] = [];
const written: string[] = [];
let failures = 0;
say(machineSection(facts));
for (const { name, run } of MEASURES) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  progress(`${name} …`, 'section');
  try {
    const measured = await run(flags.quick ? 'quick' : 'full', (done) => progress(`${name}: ${done}`));
    progress('');
    results.push(...measured);
    for (const result of measured) publish(name, section(result, options));
  } catch (error) {
    // It costs only itself: what was measured before is printed, and the page keeps its section.
    failures += 1;
    progress('');
    process.stderr.write(`${name} was not measured: ${(error as Error).message}\n`);
  }
}
if (flags.json) process.stdout.write(`${JSON.stringify({ machine: facts, results }, null, 2)}\n`);
if (flags.write) await write();
process.exit(failures > 0 || (flags.gate && missed(results) > 0) ? 1 : 0);

function publish(measure: string, text: string): void {
  const dated = `${text}\n\n${measuredOn(measure, facts)}`;
  written.push(dated);
  say(dated);
}

function say(text: string): void {
  if (!flags.json) process.stdout.write(`${text}\n\n`);
}

/** The machine is that of the last run of all measures. */
async function write(): Promise<void> {
  const docs = new URL('../docs/', import.meta.url);
  const page = new URL('benchmarks.md', docs);
  const before = positionals.length === 0 && failures === 0 ? '' : await readFile(page, 'utf8').catch(() => '');
  const all = positionals.length === 0 ? [machineSection(facts), ...written] : written;
  await mkdir(new URL('benchmarks/', docs), { recursive: true });
  await writeFile(page, withSections(before, PREFACE, all));
  for (const result of results) {
    if (result.kind !== 'comparison' || result.plot === undefined) continue;
    await writeFile(new URL(`benchmarks/${result.plot}.svg`, docs), plot(result));
  }
}

function readFlags() {
  try {
    const boolean = { type: 'boolean', default: false } as const;
    return parseArgs({
      options: { quick: boolean, json: boolean, gate: boolean, write: boolean, help: boolean },
      allowPositionals: true,
    });
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(64);
  }
}

/** On a terminal one line that overwrites the previous one; elsewhere a line for each section. */
function progress(line: string, what: 'section' | 'step' = 'step'): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
  else if (what === 'section') process.stderr.write(`${line}\n`);
}
