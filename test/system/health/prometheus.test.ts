import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { temporaryFile } from '../../rig/config-file.ts';
import { until } from '../../rig/deadline.ts';
import { noFfi } from '../../rig/ffi.ts';
import { freePort } from '../../rig/free-port.ts';
import { needs } from '../../rig/needs.ts';
import { type SupervisedPuppet, startPuppet } from '../../rig/puppet.ts';
import { clientOf } from '../shutdown/client.ts';

const EXAMPLES = new URL('../../../examples/grafana/', import.meta.url).pathname;
const skip = needs('prometheus', 'promtool') || noFfi;

type Query = { readonly title: string; readonly expression: string };
type Series = { readonly metric: Readonly<Record<string, string>>; readonly value: readonly [number, string] };
type Answer<Data> = { readonly status: string; readonly error?: string; readonly data: Data };

/** The expressions of the dashboard, with what Grafana puts in for its variables. */
function dashboardQueries(): readonly Query[] {
  const { panels, annotations } = JSON.parse(readFileSync(join(EXAMPLES, 'k8s-run.json'), 'utf8'));
  const shown = (panels as { title: string; targets?: { expr: string }[] }[]).flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ title, expression: expr })),
  );
  const marked = (annotations.list as { name: string; expr: string }[]).map(({ name, expr }) => ({
    title: name,
    expression: expr,
  }));
  return [...shown, ...marked].map(({ title, expression }) => ({
    title,
    expression: expression.replaceAll('$__rate_interval', '1m').replaceAll('$namespace', '.*').replaceAll('$pod', '.*'),
  }));
}

type Prometheus = AsyncDisposable & {
  readonly ask: <Data>(path: string) => Promise<Answer<Data>>;
  readonly query: (expression: string) => Promise<readonly Series[]>;
  /** Of the first series; NaN: there is none. */
  readonly valueNow: (expression: string) => Promise<number>;
  /** Waits until the first series is above 0. */
  readonly sees: (what: string, expression: string) => Promise<void>;
};

/** A Prometheus that scrapes this port as the pod `shop-1`, and evaluates the rules of the example. */
async function startPrometheus(target: number): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  const labels = { namespace: 'shop', pod: 'shop-1', container: 'app' };
  const often = { scrape_interval: '500ms', scrape_timeout: '500ms' };
  writeFileSync(
    join(folder, 'prometheus.yml'),
    JSON.stringify({
      global: { ...often, evaluation_interval: '500ms' },
      rule_files: [join(EXAMPLES, 'alerts.yaml')],
      scrape_configs: [{ job_name: 'pods', static_configs: [{ targets: [`127.0.0.1:${target}`], labels }] }],
    }),
  );
  const port = await freePort();
  const words = [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
  ];
  const child = spawn('prometheus', words, { stdio: ['ignore', 'ignore', 'inherit'] });
  const closed = once(child, 'close');
  const ask = async <Data>(path: string): Promise<Answer<Data>> => {
    const reply = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`);
    return (await reply.json()) as Answer<Data>;
  };
  const query: Prometheus['query'] = async (expression) => {
    const path = `query?query=${encodeURIComponent(expression)}`;
    const { status, error, data } = await ask<{ result: readonly Series[] }>(path);
    assert.equal(status, 'success', `${expression}: ${error}`);
    return data.result;
  };
  const valueNow = async (expression: string): Promise<number> => Number((await query(expression))[0]?.value[1]);
  // It refuses connections until it has started.
  const now = (expression: string): Promise<number> => valueNow(expression).catch(() => Number.NaN);
  return {
    ask,
    query,
    valueNow,
    async sees(what, expression) {
      await until(what, async () => (await now(expression)) > 0);
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await closed;
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function healthPort(run: SupervisedPuppet): Promise<number> {
  return Number(new URL(String((await run.line('starting'))['health'])).port);
}

test('promtool finds the alert rules valid, and their tests pass', { skip }, async () => {
  for (const words of [
    ['check', 'rules', 'alerts.yaml'],
    ['test', 'rules', 'alerts.test.yaml'],
  ]) {
    const { stdout } = await promisify(execFile)('promtool', words, { cwd: EXAMPLES });
    assert.match(stdout, /SUCCESS/);
  }
});

test('a Prometheus that scrapes a rollout answers every query of the dashboard and evaluates every rule', {
  skip,
}, async () => {
  const options = ['--shutdown-delay', '50ms', '--drain-connections', '1h', '--grace', '2h'];
  await using run = await startPuppet(options);
  const port = await run.puppet.tell<number>({ do: 'serve', port: 0 });
  await run.line('ready');
  await using prometheus = await startPrometheus(await healthPort(run));
  await prometheus.sees('two scrapes of a ready pod', 'count_over_time(k8s_run_verdict_ok{probe="ready"}[1m]) > 1');

  using client = clientOf(port);
  client.get('/held').catch(() => {});
  run.kill('SIGTERM');
  await prometheus.sees('the drain', 'k8s_run_shutdown_phase_seconds{phase="draining"}');
  const queries = dashboardQueries();
  assert.ok(queries.length > 40);
  for (const { title, expression } of queries) {
    const answer = await prometheus.query(expression);
    for (const { value } of answer) assert.ok(Number.isFinite(Number(value[1])) || value[1] === 'NaN', title);
  }
  const panel = (title: string): string => queries.find((each) => each.title === title)?.expression ?? '';
  // A scrape that comes too late takes every series away for a moment.
  const shows = (title: string, is: (value: number) => boolean): Promise<unknown> =>
    until(title, () => prometheus.valueNow(panel(title)).then(is, () => false), run.stderr);
  await until(
    'the drain time of the pod',
    async () => (await prometheus.query(panel('Drain time')))[0]?.metric['pod'] === 'shop-1',
  );
  await shows('Shutting down', (value) => value === 1);
  await shows('Longest drain', (value) => value > 0);
  await shows('Ready pods', (value) => value === 0);

  type Rule = { readonly name: string; readonly health: string; readonly lastError?: string };
  const names = parse(readFileSync(join(EXAMPLES, 'alerts.yaml'), 'utf8')).groups[0].rules.map(
    ({ alert }: { alert: string }) => alert,
  );
  await until('every rule was evaluated', async () => {
    const { data } = await prometheus.ask<{ groups: { rules: readonly Rule[] }[] }>('rules');
    const rules = data.groups.flatMap((group) => group.rules);
    assert.deepEqual(
      rules.filter(({ health }) => health === 'err'),
      [],
    );
    return rules.length === names.length && rules.every(({ health }) => health === 'ok');
  });
});

test('requests that a restart in place has cut are counted in Prometheus, and alert', { skip }, async () => {
  await using file = await temporaryFile('before', 'watched');
  const options = [
    '--shutdown-delay',
    '300ms',
    '--drain-connections',
    'off',
    '--watch',
    file.path,
    '--on-change',
    'restart',
  ];
  await using run = await startPuppet(options);
  const port = await run.puppet.tell<number>({ do: 'serve', port: 0 });
  await run.line('ready');
  await using prometheus = await startPrometheus(await healthPort(run));
  await prometheus.sees('two scrapes', 'count_over_time(k8s_run_cut_requests_total[1m]) > 1');
  using client = clientOf(port);
  client.get('/held').catch(() => {});
  await run.puppet.holds(1);
  await writeFile(file.path, 'after');
  await prometheus.sees('the cut request', 'k8s_run_cut_requests_total');
  await prometheus.sees('the alert', 'ALERTS{alertname="CutRequests",alertstate="firing",pod="shop-1"}');
  const cut = dashboardQueries().find(({ title }) => title === 'Cut requests')?.expression ?? '';
  await until('the panel', () =>
    prometheus.valueNow(cut).then(
      (value) => value > 0,
      () => false,
    ),
  );
});
