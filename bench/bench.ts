import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { charged } from './charged.ts';
import { connectionCount } from './connection-count.ts';
import { exit } from './exit.ts';
import { healthSpeed } from './health-speed.ts';
import { idleCpu } from './idle-cpu.ts';
import { crowd, idleMemory } from './idle-memory.ts';
import { leak } from './leak.ts';
import { machine } from './machine.ts';
import type { Measure, Result } from './measure.ts';
import { ALL_OTHERS } from './peers.ts';
import { plot } from './plot.ts';
import { reaping } from './reaping.ts';
import { missed, report } from './report.ts';
import { shutdown } from './shutdown.ts';
import { signalLoss } from './signal-loss.ts';
import { signalsHandled } from './signals-handled.ts';
import { size } from './size.ts';
import { start } from './start.ts';
import { storm } from './storm.ts';
import { throttled } from './throttled.ts';
import { unready } from './unready.ts';

const MEASURES: readonly Measure[] = [
  ...[start, signalsHandled, signalLoss, unready, shutdown, exit, reaping, storm, size],
  ...[idleMemory, crowd, charged, leak, idleCpu, healthSpeed, throttled],
  connectionCount,
];
const names = MEASURES.map(({ name }) => name);

const USAGE = `npm run bench [-- [--quick] [--json] [--gate] [--write] [measure…]]

  --quick   a short run, to see roughly where things stand
  --json    every value, instead of tables
  --gate    exit 1 when a target is missed
  --write   a full run of everything into docs/benchmarks.md as well, with plots; it wants a quiet machine
  measure   only these: ${names.join(', ')}
`;

const PREFACE = `# Benchmarks

What k8s-run costs, measured by \`npm run bench -- --write\`, which wrote this page. Run it on your own machine: ratios
within one run hold from machine to machine far better than the figures themselves do.

Beside a bare Node stand those whom users would pick instead: tini, dumb-init and catatonit, which are inits in C; s6
(s6-svscan and s6-supervise, the core of s6-overlay), supervisord and pm2-runtime, which supervise services. None but
k8s-run answers probes or holds a TERM back until no traffic comes any more, which is what its figures pay for.

What is timed is timed by turns: every round begins with another contender, and the first round does not count. Idle
ones, whose memory and CPU are read, sit out the same seconds side by side. Each is executed as a container does it: its own file, shebang and all. "Bare node" is the least a supervisor on Node
can be: a script that spawns the app and hands on its exit code ([bench/bare.js](../bench/bare.js)). **The C
inits win** wherever what is compared is what they do: they have no runtime to start, so they start in a tenth of the
time, stay under a megabyte, react sooner, and no supervisor on Node will change that. Each section says who is better.

`;

const { values: flags, positionals } = readFlags();
const unknown = positionals.filter((name) => !names.includes(name));
if (flags.help || unknown.length > 0) {
  for (const name of unknown) process.stderr.write(`no measure is called ${name}\n`);
  process.stderr.write(USAGE);
  process.exit(unknown.length > 0 ? 64 : 0);
}
if (flags.write && (flags.quick || positionals.length > 0)) {
  process.stderr.write('--write is for a full run of everything: leave out --quick and the names\n');
  process.exit(64);
}

const facts = machine();
const results: Result[] = [];
for (const { name, run } of MEASURES) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  results.push(...(await run(flags.quick ? 'quick' : 'full', (done) => progress(`${name}: ${done}`))));
}
progress('');
const text = `${report(facts, results, { others: ALL_OTHERS.map(({ name }) => name), plots: flags.write })}\n`;
process.stdout.write(flags.json ? `${JSON.stringify({ machine: facts, results }, null, 2)}\n` : text);
if (flags.write) {
  const docs = new URL('../docs/', import.meta.url);
  await mkdir(new URL('benchmarks/', docs), { recursive: true });
  await writeFile(new URL('benchmarks.md', docs), PREFACE + text);
  for (const result of results) {
    if (result.kind !== 'comparison' || result.plot === undefined) continue;
    await writeFile(new URL(`benchmarks/${result.plot}.svg`, docs), plot(result));
  }
}
process.exit(flags.gate && missed(results) > 0 ? 1 : 0);

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

/** One line that writes over itself; nothing where nobody watches. */
function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
}
