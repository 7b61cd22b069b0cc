import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../rig/deadline.ts';
import { start } from '../rig/supervised.ts';
import { makeContainer, scrape, valueIn } from './container.ts';

const MIB = 2 ** 20;

/** Never idle, and last in turn: k8s-run shares the limit with it. */
const BUSY = ['nice', '-n', '19', 'sh', '-c', 'while :; do :; done'];
const LIMITS = { 'memory.max': 300 * MIB, 'cpu.max': '50000 100000', 'pids.max': 100 };

test('the metrics of a container are the values of its group', async () => {
  await using container = makeContainer(LIMITS);
  await using run = start(['--ready', 'process'], BUSY, container);
  await run.line('ready');
  const stat = (name: string): number => valueIn(container.read('cpu.stat'), name);
  await until('it was throttled', () => stat('nr_throttled') > 0);
  /** Of values that grow: read before and after the scrape. */
  const growing = (): Readonly<Record<string, number>> => ({
    cpu_usage_seconds_total: stat('usage_usec') / 1e6,
    cpu_periods_total: stat('nr_periods'),
    cpu_throttled_periods_total: stat('nr_throttled'),
    cpu_throttled_seconds_total: stat('throttled_usec') / 1e6,
    memory_peak_bytes: Number(container.read('memory.peak')),
  });
  const before = growing();
  const metric = await scrape(run);
  const after = growing();
  for (const [name, least] of Object.entries(before)) {
    const value = metric(name) ?? Number.NaN;
    assert.ok(value >= least && value <= (after[name] ?? 0), `${name}: ${value}, from ${least} to ${after[name]}`);
  }
  assert.deepEqual(['memory_limit_bytes', 'cpu_limit_cores', 'pids_limit', 'oom_kills_total'].map(metric), [
    300 * MIB,
    0.5,
    100,
    0,
  ]);
  const usage = metric('memory_usage_bytes') ?? 0;
  const working = metric('memory_working_set_bytes') ?? 0;
  assert.ok(working > 0 && working <= usage && usage <= (metric('memory_peak_bytes') ?? 0), `${working} ${usage}`);
  assert.ok((metric('pids') ?? 0) >= 2 && (metric('pids') ?? 0) <= Number(container.read('pids.peak')));
});

test('limits that a container does not have are not among its metrics, and its use is', async () => {
  await using container = makeContainer({});
  await using run = start(['--ready', 'process'], ['sleep', '1000'], container);
  await run.line('ready');
  const metric = await scrape(run);
  assert.deepEqual(['memory_limit_bytes', 'cpu_limit_cores', 'pids_limit'].map(metric), [null, null, null]);
  for (const name of ['memory_usage_bytes', 'cpu_usage_seconds_total', 'pids'])
    assert.ok((metric(name) ?? 0) > 0, name);
});
