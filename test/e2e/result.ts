import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { effort, told } from './effort.ts';
import { kubectl } from './kubectl.ts';
import { short, tables, ways } from './rollout/report.ts';

const PAGES = {
  page: new URL('../../docs/explanation/on-a-cluster.md', import.meta.url),
  readme: new URL('../../README.md', import.meta.url),
} as const;
const WRITTEN = /(<!-- written by `npm run test:kubernetes[^>]*-->\n)[\s\S]*?(<!-- end of what is written -->)/;

/** Prints what the run found out, and writes it into the docs if that was asked for. */
export async function tell(): Promise<void> {
  const text = [...rollouts(), ...memory(), await where()].join('\n\n');
  process.stdout.write(`\n${text}\n\n`);
  if (!effort.write) return;
  write(PAGES.page, text);
  write(PAGES.readme, short(told.rollouts));
}

function rollouts(): readonly string[] {
  return told.rollouts.length === 0 ? [] : [tables(told.rollouts), `How they failed:\n\n${ways(told.rollouts)}`];
}

function memory(): readonly string[] {
  const { rssBytes, workingSetBytes } = told.memory;
  if (Number.isNaN(rssBytes.wrapped)) return [];
  const words = (of: typeof rssBytes): string => `${of.wrapped.toFixed(1)} MiB instead of ${of.alone.toFixed(1)}`;
  return [
    `One more pod of a small app with an HTTP probe, as the kubelet counts it: ${words(rssBytes)} resident, a working set of ${words(workingSetBytes)}.`,
  ];
}

async function where(): Promise<string> {
  type Nodes = { items: { status: { nodeInfo: Record<string, string>; capacity: Record<string, string> } }[] };
  const { items } = JSON.parse(await kubectl(['get', 'nodes', '-o', 'json'])) as Nodes;
  const { nodeInfo = {}, capacity = {} } = items[0]?.status ?? {};
  const of = (key: string): string => nodeInfo[key] ?? 'unknown';
  return [
    `- Kubernetes ${of('kubeletVersion')}, ${items.length} node${items.length === 1 ? '' : 's'} of ${capacity['cpu']} processors, ${of('containerRuntimeVersion')}`,
    `- ${of('osImage')}, Linux ${of('kernelVersion')}, ${of('architecture')}, ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    `- Node ${process.version} in the app, in k8s-run and in the load`,
  ].join('\n');
}

function write(page: URL, text: string): void {
  const before = readFileSync(page, 'utf8');
  if (!WRITTEN.test(before)) throw new Error(`${page.pathname} has lost the marks between which its tables stand`);
  writeFileSync(
    page,
    before.replace(WRITTEN, (_all, begin, end) => `${begin}\n${text}\n\n${end}`),
  );
}
