import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../rig/deadline.ts';
import { visit } from '../rig/namespace.ts';
import { BIN, start } from '../rig/supervised.ts';
import { makeContainer, scrape, supervisorOf } from './container.ts';

/** An in-place resize of a pod (Kubernetes 1.33): the runtime writes other limits into the group of the running container. */

const MIB = 2 ** 20;
const BEFORE = { 'memory.max': 300 * MIB, 'cpu.max': '150000 100000' };
const AFTER = { 'memory.max': 200 * MIB, 'cpu.max': '50000 100000' };

test('after a resize the log and the metrics have the new limits, and k8s-run env in the container has both', async () => {
  await using container = makeContainer(BEFORE);
  await using run = start(['--ready', 'process', '--resource-env'], ['sleep', '1000'], container);
  await run.line('ready');
  const before = await scrape(run);
  assert.deepEqual(['memory_limit_bytes', 'cpu_limit_cores'].map(before), [300 * MIB, 1.5]);
  container.write(AFTER);
  await until('a scrape with the new limits', async () => {
    const after = await scrape(run);
    return after('memory_limit_bytes') === 200 * MIB && after('cpu_limit_cores') === 0.5;
  });
  // Like kubectl exec, which sees the files as the container does.
  await using env = visit(await supervisorOf(run), [process.execPath, BIN, 'env', '--json']);
  assert.equal((await env.ended).code, 0);
  const { limits, app } = JSON.parse(env.output());
  assert.deepEqual([limits.processors.limit, limits.memory.bytes], [0.5, 200 * MIB]);
  assert.deepEqual([app.program, app.variables.GOMEMLIMIT], ['sleep', '248MiB']);
  const last = await until('the last change', () =>
    run.lines().findLast(({ event, cpuLimitCores }) => event === 'resized' && cpuLimitCores === 0.5),
  );
  assert.equal(last['memoryLimitBytes'], 200 * MIB);
});
