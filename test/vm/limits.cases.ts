import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../rig/deadline.ts';
import { finishWords } from '../rig/finished.ts';
import { start } from '../rig/supervised.ts';
import { makeTree } from '../rig/tree.ts';
import { type Container, makeContainer, scrape, supervisorOf } from './container.ts';

const MIB = 2 ** 20;
const OWN = '/sys/fs/cgroup';

type Limit = { readonly limit?: number; readonly bytes?: number; readonly source: string } | null;

/** What `k8s-run env` finds there. */
async function limitsIn(
  container: Container,
  prefix: readonly string[] = container.prefix,
): Promise<{ processors: Limit; memory: Limit }> {
  const run = await finishWords(['env', '--json'], { prefix });
  assert.deepEqual([run.code, run.stderr], [0, '']);
  return JSON.parse(run.stdout).limits;
}

test('in a container the limits of its own group are read, which is the root there', async () => {
  await using container = makeContainer({ 'memory.max': 300 * MIB, 'cpu.max': '150000 100000' });
  const { processors, memory } = await limitsIn(container);
  assert.deepEqual([processors?.limit, processors?.source], [1.5, `${OWN}/cpu.max`]);
  assert.deepEqual([memory?.bytes, memory?.source], [300 * MIB, `${OWN}/memory.max`]);
});

test('memory.high below memory.max is the limit', async () => {
  await using container = makeContainer({ 'memory.max': 300 * MIB, 'memory.high': 240 * MIB });
  const { memory } = await limitsIn(container);
  assert.deepEqual([memory?.bytes, memory?.source], [240 * MIB, `${OWN}/memory.high`]);
});

test('a container without limits has none, also where its pod has', async () => {
  await using container = makeContainer({}, { 'memory.max': 300 * MIB, 'cpu.max': '50000 100000' });
  const { processors, memory } = await limitsIn(container);
  assert.deepEqual([processors, memory], [null, null]);
});

test('a container that sees the groups of the node has the smaller limits of its pod', async () => {
  await using container = makeContainer(
    { 'memory.max': 300 * MIB, 'cpu.max': '150000 100000' },
    { 'memory.max': 200 * MIB, 'cpu.max': '50000 100000' },
  );
  const { processors, memory } = await limitsIn(container, container.prefixOnHost);
  assert.deepEqual([processors?.limit, processors?.source], [0.5, `${container.podFolder}/cpu.max`]);
  assert.deepEqual([memory?.bytes, memory?.source], [200 * MIB, `${container.podFolder}/memory.max`]);
});

test('a cpuset of one processor, as the static CPU manager of the kubelet gives it, is a limit', async () => {
  await using container = makeContainer({ 'cpuset.cpus': '1' });
  const { processors } = await limitsIn(container);
  assert.deepEqual([processors?.limit, processors?.source], [1, '/proc/self/status']);
});

test('where no process is left an exec probe says nothing about the app, which is ended in order, with its own code', async () => {
  await using container = makeContainer({ 'pids.max': 40 });
  // Children until none can be made, again and again, because what a probe had comes free when it is over.
  const app = `
    const { spawn } = require('node:child_process');
    process.on('SIGTERM', () => process.exit(3));
    const more = () => spawn('sleep', ['1000']).once('spawn', more).once('error', () => setTimeout(more, 50));
    more();`;
  const options = ['--ready', 'process', '--live', 'exec:true', '--shutdown-delay', '0'];
  await using run = start(options, [process.execPath, '-e', app], container);
  // More than the failures that would be a verdict.
  await until('probes that could not be started', async () => {
    const [, count] = /^k8s_run_probe_results_total\{probe="live",result="broken"\} (\d+)$/m.exec(
      (await run.get('/metrics')).body,
    ) ?? [null, 0];
    return Number(count) > 3;
  });
  assert.equal((await run.get('/livez')).status, 200);
  const metric = await scrape(run);
  assert.equal(metric('pids_limit'), 40);
  assert.ok((metric('pids') ?? 0) >= 39, `${metric('pids')}`);
  process.kill(await supervisorOf(run), 'SIGTERM');
  assert.equal((await run.ended()).code, 3);
});

test('an app for which no process is left is 126, with the reason', async () => {
  using folder = makeTree({});
  await using container = makeContainer({});
  const go = join(folder.root, 'go');
  await using run = start([`--wait-for=file:${go}`], ['sleep', '1000'], container);
  assert.equal((await run.get('/startupz')).status, 503);
  container.write({ 'pids.max': container.read('pids.current') });
  writeFileSync(go, '');
  assert.equal((await run.ended()).code, 126);
  assert.match(run.stderr(), /the limit of processes is reached \(pids limit of the container/);
});
