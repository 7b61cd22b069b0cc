import { createInterface } from 'node:readline';
import { soon } from '../test/rig/deadline.ts';
import { WORDS } from '../test/rig/flood-kinds.ts';
import { k8sRun } from './contenders.ts';
import { healthUrl } from './health.ts';
import { memoryOf } from './kernel.ts';
import type { Measure, Samples } from './measure.ts';
import { type Started, start, wait } from './processes.ts';

const CLIENT = new URL('../test/rig/flood-client.ts', import.meta.url).pathname;
const CLIENTS = 4;
const CONNECTIONS = 100;
/** Milliseconds until k8s-run has given back what only its start needed. */
const SETTLE = 5_000;
const READ_EVERY = 50;
const TARGET = 16;

/** How far the memory grows while clients flood the health port. */
export const flood: Measure = {
  name: 'flood',
  async run(effort, progress) {
    const duration = effort === 'full' ? 10_000 : 3_000;
    const rows: Samples[] = [];
    for (const [kind, words] of Object.entries(WORDS)) {
      rows.push({ name: kind, values: [await growthUnder(kind, duration)] });
      progress(`${kind}, ${words.length} bytes`);
    }
    const madeOf = 'code that is compiled, garbage until the next look at the memory, and up to 64 connections';
    return [
      {
        kind: 'comparison',
        title: 'A flood of the health port: growth of private dirty',
        method:
          `${CLIENTS} clients with ${CONNECTIONS} connections each, for ${duration / 1_000} s. The most that was read in that time, ` +
          `less the figure of ${SETTLE / 1_000} s after the start.`,
        unit: 'MiB',
        yardstick: null,
        rows,
        targets: rows.map(({ name }) => ({ row: name, of: 'worst', atMost: TARGET, madeOf })),
      },
    ];
  },
};

async function growthUnder(kind: string, duration: number): Promise<number> {
  const { starting } = k8sRun('k8s-run', '--ready=none');
  await using started = start(starting(['sleep', '300']), ['ignore', 'ignore', 'pipe']);
  const { port } = new URL(await healthUrl(started));
  await wait(SETTLE);
  const memory = (): number => memoryOf([started.pid]).privateDirty;
  const rest = memory();
  await using stack = new AsyncDisposableStack();
  const clients = Array.from({ length: CLIENTS }, () =>
    stack.use(start([process.execPath, CLIENT, port, kind, String(CONNECTIONS)], ['ignore', 'pipe', 'ignore'])),
  );
  await Promise.all(clients.map(underWay));
  let most = memory();
  for (const end = performance.now() + duration; performance.now() < end; await wait(READ_EVERY)) {
    most = Math.max(most, memory());
  }
  if (started.child.exitCode !== null || started.child.signalCode !== null) throw new Error('k8s-run has ended');
  return most - rest;
}

function underWay({ child }: Started): Promise<void> {
  const { stdout } = child;
  if (stdout === null) return Promise.resolve();
  return soon('the flood', new Promise((resolve) => createInterface(stdout).once('line', () => resolve())));
}
