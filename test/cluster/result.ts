import { readFileSync, writeFileSync } from 'node:fs';
import { table } from '../../bench/report.ts';
import { kubectl } from './kubectl.ts';
import { measured, options } from './options.ts';
import { legsOf } from './rollout/cell.ts';
import { NAMES } from './rollout/contenders.ts';
import { circumstances, short, tables, ways } from './rollout/report.ts';

const PAGES = {
  page: new URL('../../docs/explanation/on-a-cluster.md', import.meta.url),
  readme: new URL('../../README.md', import.meta.url),
} as const;
/** Prints what the run found out, and writes it into the docs if that was asked for: each part between its own marks. */
export async function reportResults(): Promise<void> {
  const place = await where();
  // A run that broke a promise is written too: who keeps the good runs only tells nothing.
  const isWhole = measured.played === turns();
  if (options.write && turns() > 0 && !isWhole)
    process.stderr.write('\nnot written: not every rolling restart was played to its end\n');
  const parts = { restarts: rollouts(), memory: memory() };
  for (const [name, text] of Object.entries(parts)) {
    if (text === null) continue;
    process.stdout.write(`\n${text}\n\n${place}\n`);
    if (options.write && (isWhole || name !== 'restarts')) write(PAGES.page, name, `${text}\n\n${place}`);
  }
  if (options.write && isWhole && parts.restarts !== null)
    write(PAGES.readme, 'restarts', `${short(measured.rollouts)}\n\n${circumstances(measured.rollouts)}\n${place}`);
}

/** Of the rolling restarts: how many must have been played. */
const turns = (): number =>
  Object.values(options.rollouts).reduce((all, rollouts) => all + legsOf(rollouts).length * NAMES.length, 0);

function rollouts(): string | null {
  return measured.rollouts.length === 0
    ? null
    : `${tables(measured.rollouts)}\n\nHow they failed:\n\n${ways(measured.rollouts)}`;
}

function memory(): string | null {
  const { rssBytes, workingSetBytes } = measured.memory;
  if (Number.isNaN(rssBytes.wrapped)) return null;
  const row = (name: string, { alone, wrapped }: typeof rssBytes): readonly string[] => [
    name,
    ...[alone, wrapped, wrapped - alone].map((mebibytes) => mebibytes.toFixed(1)),
  ];
  return table(
    ['MiB for each pod', 'alone', 'under k8s-run', 'more'],
    [row('resident, without files', rssBytes), row('working set', workingSetBytes)],
  );
}

async function where(): Promise<string> {
  type Nodes = { items: { status: { nodeInfo: Record<string, string>; capacity: Record<string, string> } }[] };
  const { items } = JSON.parse(await kubectl(['get', 'nodes', '-o', 'json'])) as Nodes;
  const { nodeInfo = {}, capacity = {} } = items[0]?.status ?? {};
  const of = (key: string): string => nodeInfo[key] ?? 'unknown';
  return [
    `- ${new Date().toISOString().slice(0, 10)}`,
    `- Kubernetes ${of('kubeletVersion')}, ${items.length} node${items.length === 1 ? '' : 's'} of ${capacity['cpu']} processors, ${of('containerRuntimeVersion')}`,
    `- ${of('osImage')}, Linux ${of('kernelVersion')}, ${of('architecture')}${measured.processor === null ? '' : `, ${measured.processor}`}`,
    `- Node ${process.version} in the app, in k8s-run and in the load`,
  ].join('\n');
}

function write(page: URL, part: string, text: string): void {
  const before = readFileSync(page, 'utf8');
  const written = new RegExp(
    `(<!-- written by \`npm run test:cluster[^>]*: ${part} -->\\n)[\\s\\S]*?(<!-- end of what is written -->)`,
  );
  if (!written.test(before)) throw new Error(`${page.pathname} has lost the marks between which its tables stand`);
  writeFileSync(
    page,
    before.replace(written, (_all, begin, end) => `${begin}\n${text}\n\n${end}`),
  );
}
