import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { until } from '../../rig/deadline.ts';
import { type ParsedFamily, parseExposition, sampleOf } from '../../rig/exposition.ts';
import { noFfi } from '../../rig/ffi.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { isRunning, type Supervised, start } from '../../rig/supervised.ts';

const SLEEP = ['sleep', '300'];

async function scrape(run: Supervised): Promise<readonly ParsedFamily[]> {
  return parseExposition((await run.get('/metrics')).body, 'text');
}

/** Scrapes until a series has the value: what is shared among scrapers may be a tenth of a second old. */
async function reaches(
  run: Supervised,
  name: string,
  labels: Readonly<Record<string, string>>,
  fits: (value: number) => boolean,
): Promise<readonly ParsedFamily[]> {
  let last = Number.NaN;
  return until(
    `${name} ${JSON.stringify(labels)}`,
    async () => {
      const families = await scrape(run);
      last = has(families, name, labels) ? sampleOf(families, name, labels) : Number.NaN;
      return fits(last) ? families : null;
    },
    () => `last was ${last}\n${run.stderr()}`,
  );
}

/** Whether it has been counted at all. */
function has(families: readonly ParsedFamily[], name: string, labels: Readonly<Record<string, string>>): boolean {
  return families.some(({ series }) =>
    series.some((each) => each.name === name && isDeepStrictEqual({ ...each.labels }, { ...labels })),
  );
}

test('a scrape is well-formed in both formats, and the Accept header chooses the format', async () => {
  await using run = start(['--ready', 'none'], SLEEP);
  await run.line('ready');
  const text = await run.get('/metrics');
  assert.deepEqual([text.status, text.headers['content-type']], [200, 'text/plain; version=0.0.4; charset=utf-8']);
  // What Prometheus 2.43 to 2.53 asks for.
  const accept = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1';
  const open = await run.get('/metrics', { headers: { accept } });
  assert.deepEqual(
    [open.status, open.headers['content-type']],
    [200, 'application/openmetrics-text; version=1.0.0; charset=utf-8'],
  );
  const names = (families: readonly ParsedFamily[]): readonly string[] =>
    families.map(({ name, type }) => `${name.replace(/_total$/, '')} ${type}`);
  const plain = names(parseExposition(text.body, 'text'));
  assert.ok(plain.length > 30, text.body);
  // The first scrape was the first request, so only the second can have counted one.
  const requests = 'k8s_run_health_requests counter';
  assert.deepEqual(
    names(parseExposition(open.body, 'openmetrics')).filter((name) => name !== requests),
    plain.filter((name) => name !== requests),
  );
});

test('/metrics answers HEAD with headers only, refuses POST, and works while the app is not ready', async () => {
  await using run = start(['--ready', 'file:/no/such/file'], SLEEP);
  const head = await run.get('/metrics', { method: 'HEAD' });
  assert.deepEqual([head.status, head.body], [200, '']);
  assert.ok(Number(head.headers['content-length']) > 1_000);
  const post = await run.get('/metrics', { method: 'POST' });
  assert.deepEqual([post.status, post.headers['allow']], [405, 'GET, HEAD']);
  const families = await reaches(
    run,
    'k8s_run_probe_results_total',
    { probe: 'startup', result: 'failed' },
    (n) => n > 1,
  );
  assert.equal(sampleOf(families, 'k8s_run_verdict_ok', { probe: 'ready' }), 0);
  assert.equal(sampleOf(families, 'k8s_run_app_time_to_ready_seconds_count'), 0);
  await reaches(run, 'k8s_run_health_requests_total', { path: '/metrics', code: '405' }, (n) => n === 1);
});

test('metrics of states, verdicts, probes and the time to ready agree with what happened', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'metrics-'));
  const file = join(folder, 'ready');
  try {
    const options = [
      '--startup',
      'none',
      '--ready',
      `file:${file}`,
      '--probe-period',
      '30ms',
      '--probe-timeout',
      '60s',
      '--failure-threshold',
      '1',
    ];
    await using run = start(options, SLEEP);
    await run.line('started');
    await writeFile(file, '');
    await run.line('ready');
    await rm(file);
    await run.line('unready');
    await writeFile(file, '');
    await until('ready again', () => run.events().filter((event) => event === 'ready').length === 2, run.stderr);
    const verdict = 'k8s_run_verdict_changes_total';
    const families = await reaches(run, verdict, { probe: 'ready', verdict: 'ok' }, (n) => n === 2);
    assert.equal(sampleOf(families, verdict, { probe: 'ready', verdict: 'failed' }), 1);
    assert.equal(sampleOf(families, 'k8s_run_verdict_ok', { probe: 'ready' }), 1);
    assert.equal(sampleOf(families, 'k8s_run_state', { state: 'running' }), 1);
    assert.equal(sampleOf(families, 'k8s_run_state', { state: 'delaying' }), 0);
    assert.equal(sampleOf(families, 'k8s_run_state_transitions_total', { state: 'running' }), 1);
    assert.equal(sampleOf(families, 'k8s_run_app_restarts_total'), 0);
    // Only the first time counts: being ready again is no start.
    assert.equal(sampleOf(families, 'k8s_run_app_time_to_ready_seconds_count'), 1);
    const seconds = sampleOf(families, 'k8s_run_app_time_to_ready_seconds_sum');
    const logged = Number((await run.line('ready'))['afterMs']);
    // The log rounds to a tenth of a millisecond.
    assert.ok(Math.abs(seconds * 1_000 - logged) < 0.051, `${seconds} s, logged ${logged} ms`);
    const answers = ['passed', 'failed', 'timeout', 'broken'].map((result) =>
      sampleOf(families, 'k8s_run_probe_results_total', { probe: 'ready', result }),
    );
    const asked = answers.reduce((sum, each) => sum + each, 0);
    assert.ok((answers[0] ?? 0) >= 2 && (answers[1] ?? 0) >= 1, `${answers}`);
    assert.equal(sampleOf(families, 'k8s_run_probe_duration_seconds_count', { probe: 'ready' }), asked);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('a probe that gets no answer is counted as a timeout', async () => {
  const options = ['--ready', 'exec:sleep 60', '--probe-timeout', '20ms', '--probe-period', '20ms'];
  await using run = start(options, SLEEP);
  const families = await reaches(
    run,
    'k8s_run_probe_results_total',
    { probe: 'startup', result: 'timeout' },
    (n) => n > 0,
  );
  assert.ok(sampleOf(families, 'k8s_run_probe_duration_seconds_sum', { probe: 'startup' }) >= 0.02);
});

test('metrics count signals received and forwarded, and the phases of a shutdown', async () => {
  const options = ['--ready', 'none', '--rewrite', 'HUP:USR2', '--shutdown-delay', '1h', '--grace', '1h'];
  await using run = await startPuppet(options);
  await run.puppet.tell({ do: 'catch', signals: ['SIGUSR2', 'SIGWINCH'] });
  await run.line('ready');
  run.kill('SIGHUP');
  await run.puppet.received('SIGUSR2');
  run.kill('SIGWINCH');
  await run.puppet.received('SIGWINCH');
  const families = await reaches(run, 'k8s_run_signals_forwarded_total', { signal: 'SIGUSR2' }, (n) => n === 1);
  assert.equal(sampleOf(families, 'k8s_run_signals_received_total', { signal: 'SIGHUP' }), 1);
  assert.equal(sampleOf(families, 'k8s_run_signals_forwarded_total', { signal: 'SIGHUP' }), 0);
  assert.equal(sampleOf(families, 'k8s_run_shutdown_phase_seconds', { phase: 'delaying' }), 0);
  run.kill('SIGTERM');
  await run.line('terminating');
  const after = await reaches(run, 'k8s_run_shutdown_phase_seconds', { phase: 'delaying' }, (n) => n > 0);
  assert.equal(sampleOf(after, 'k8s_run_signals_forwarded_total', { signal: 'SIGWINCH' }), 1);
  assert.equal(sampleOf(after, 'k8s_run_signals_forwarded_total', { signal: 'SIGTERM' }), 0);
  assert.equal(sampleOf(after, 'k8s_run_state', { state: 'delaying' }), 1);
  assert.equal(sampleOf(after, 'k8s_run_verdict_ok', { probe: 'ready' }), 0);
  assert.equal(sampleOf(after, 'k8s_run_shutdown_phase_seconds', { phase: 'stopping' }), 0);
});

test('metrics count the signal that stops the app as forwarded', async () => {
  await using run = await startPuppet(['--ready', 'none', '--shutdown-delay', '0', '--grace', '1h']);
  await run.puppet.tell({ do: 'catch', signals: ['SIGTERM'] });
  await run.line('ready');
  run.kill('SIGTERM');
  await run.puppet.received('SIGTERM');
  const families = await reaches(run, 'k8s_run_signals_forwarded_total', { signal: 'SIGTERM' }, (n) => n === 1);
  assert.equal(sampleOf(families, 'k8s_run_state', { state: 'stopping' }), 1);
});

test("metrics of the app's processes, memory, descriptors and CPU agree with /proc, children included", async () => {
  await using run = await startPuppet(['--ready', 'none']);
  const alone = await reaches(run, 'k8s_run_app_processes', {}, (n) => n === 1);
  const status = await readFile(`/proc/${run.puppet.pid}/status`, 'utf8');
  const anonymous = Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  assert.ok(anonymous > 0, status);
  // A runtime that rests still moves a page now and then; twice as much would be another process's.
  const told = sampleOf(alone, 'k8s_run_app_anonymous_memory_bytes');
  assert.ok(told > anonymous / 2 && told < anonymous * 2, `${told} is not ${anonymous}`);
  assert.ok(sampleOf(alone, 'k8s_run_app_resident_memory_bytes') > told);
  // A runtime still opens and closes some when it has just begun.
  await until('as many descriptors as /proc has', async () => {
    const open = sampleOf(await scrape(run), 'k8s_run_app_open_fds');
    return open === (await readdir(`/proc/${run.puppet.pid}/fd`)).length;
  });
  const limits = await readFile(`/proc/${run.puppet.pid}/limits`, 'utf8');
  assert.equal(sampleOf(alone, 'k8s_run_app_max_fds'), Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1]));
  const burn = ['sh', '-c', 'while :; do :; done'];
  await run.puppet.tell<number>({ do: 'spawn', command: burn, detached: false });
  const families = await reaches(run, 'k8s_run_app_processes', {}, (n) => n === 2);
  const spent = sampleOf(families, 'k8s_run_app_cpu_seconds_total', { mode: 'user' });
  await reaches(run, 'k8s_run_app_cpu_seconds_total', { mode: 'user' }, (n) => n > spent + 0.2);
  const started = sampleOf(families, 'k8s_run_app_start_time_seconds') * 1_000;
  const logged = Date.parse(String((await run.line('spawned'))['time']));
  assert.ok(Math.abs(started - logged) < 20_000, `${started} is not ${logged}`);
});

test("the CPU time of a child that has ended stays in the app's sum", async () => {
  // So many rounds, not so much time: a busy machine gives a process little of a second.
  const burn = 'i=0; while [ $i -lt 500000 ]; do i=$((i+1)); done';
  await using run = start(['--ready', 'none'], ['sh', '-c', `sh -c '${burn}'; sleep 300 & sleep 300`]);
  const families = await reaches(run, 'k8s_run_app_processes', {}, (n) => n === 3);
  assert.ok(sampleOf(families, 'k8s_run_app_cpu_seconds_total', { mode: 'user' }) > 0.1);
});

test('metrics count the orphans that were reaped', { skip: noFfi }, async () => {
  await using run = start(['--ready', 'none'], ['sh', '-c', '(sh -c "sleep 0.1" &) ; sleep 300']);
  await reaches(run, 'k8s_run_orphans_reaped_total', {}, (n) => n === 1);
});

test('metrics of k8s-run itself have the usual names of client libraries', async () => {
  await using run = start(['--ready', 'none'], SLEEP);
  const families = await scrape(run);
  assert.ok(sampleOf(families, 'process_resident_memory_bytes') > 1e6);
  assert.ok(sampleOf(families, 'process_cpu_seconds_total') > 0);
  const started = Date.parse(String((await run.line('starting'))['time']));
  assert.ok(Math.abs(sampleOf(families, 'process_start_time_seconds') * 1_000 - started) < 20_000);
  assert.ok(await isRunning(run.pid));
});
