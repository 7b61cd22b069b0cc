import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runShell, startCollector } from '../../rig/collector.ts';
import { until } from '../../rig/deadline.ts';
import { parseExposition } from '../../rig/exposition.ts';
import { finish } from '../../rig/finished.ts';
import { freePort } from '../../rig/free-port.ts';
import { type OtlpSpan, plainAttributes } from '../../rig/otlp-messages.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { cleanEnvironment, start } from '../../rig/supervised.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const ERROR = 2;

const names = (spans: readonly OtlpSpan[]): readonly string[] => spans.map(({ name }) => name).sort();
const events = (span: OtlpSpan): readonly string[] => span.events.map(({ name }) => name);

test('--otlp: a trace of the life with a span for each phase, and the log', async () => {
  await using collector = await startCollector();
  const env = { ...cleanEnvironment(), POD_NAME: 'web-1', POD_NAMESPACE: 'shop', CONTAINER_NAME: 'web' };
  const ended = await runShell(collector, [`--otlp=${collector.url}`], 'exit 3', { env });
  assert.equal(ended.code, 3, ended.stderr);
  const life = await collector.span('life');
  assert.deepEqual(names(collector.spans()), ['leftovers', 'life', 'preparing', 'running']);
  assert.equal(new Set(collector.spans().map(({ traceId }) => traceId)).size, 1);
  for (const span of collector.spans()) assert.equal(span.parentSpanId, span === life ? undefined : life.spanId);
  assert.deepEqual(life.status, { code: ERROR, message: 'sh exited with 3' });
  const { 'process.pid': pid, 'process.executable.name': program, ...more } = plainAttributes(life.attributes);
  assert.deepEqual([typeof pid, program, more['process.exit.code']], ['number', 'sh', 3]);
  assert.deepEqual([more['k8s_run.cause'], more['k8s_run.code']], ['exited', 3]);
  // The whole log, in its order, as part of the trace.
  assert.deepEqual(
    collector.records().map(({ eventName }) => eventName),
    ended.events.map((event) => `k8s_run.${event}`),
  );
  const spanIds = new Set(collector.spans().map(({ spanId }) => spanId));
  for (const record of collector.records()) assert.ok(record.traceId === life.traceId && spanIds.has(record.spanId));
  const last = await collector.record('exited');
  assert.deepEqual([last.body.stringValue, last.severityText, last.severityNumber], ['sh exited with 3', 'info', 9]);
  for (const { headers, message } of collector.requests()) {
    const { 'host.name': host, ...resource } = plainAttributes(message.resource);
    assert.ok(host);
    assert.deepEqual(resource, {
      'service.name': 'sh',
      'service.instance.id': 'shop.web-1.web',
      'k8s.pod.name': 'web-1',
      'k8s.namespace.name': 'shop',
      'k8s.container.name': 'web',
    });
    assert.equal(headers['content-encoding'], 'gzip');
    assert.match(String(headers['user-agent']), /^k8s-run\/\d/);
  }
});

test('an exit because the health port is taken is a life without a phase, with its error and the log', async () => {
  await using collector = await startCollector();
  const { code, events: logged } = await finish(
    [`--otlp=${collector.url}`, `--health-port=${new URL(collector.url).port}`, '--health-host=127.0.0.1'],
    ['true'],
  );
  assert.equal(code, 69);
  const life = await collector.span('life');
  assert.deepEqual(names(collector.spans()), ['life']);
  assert.equal(life.status.code, ERROR);
  assert.match(life.status.message ?? '', /--health-port/);
  const { 'k8s_run.code': told, 'k8s_run.cause': cause } = plainAttributes(life.attributes);
  assert.deepEqual([told, cause], [69, 'health port']);
  assert.ok(BigInt(life.startTimeUnixNano) < BigInt(life.endTimeUnixNano));
  assert.equal((await collector.record('exited')).traceId, life.traceId);
  assert.deepEqual(
    collector.records().map(({ eventName }) => eventName),
    logged.map((event) => `k8s_run.${event}`),
  );
});

test('a shutdown: the phases in their order, signals as events, and no error', async () => {
  await using collector = await startCollector();
  await using run = await startPuppet([`--otlp=${collector.url}`, '--ready=process', '--shutdown-delay=10ms']);
  await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 0 });
  await run.puppet.tell({ do: 'catch', signals: ['SIGUSR2'] });
  await collector.record('ready');
  run.kill('SIGUSR2');
  await run.line('signal', (line) => line['outcome'] === 'passed on');
  run.kill('SIGTERM');
  await run.ended();
  const life = await collector.span('life');
  assert.equal(life.status.code, 0);
  const inOrder = collector
    .spans()
    .filter(({ name }) => name !== 'life')
    .toSorted((a, b) => Number(BigInt(a.startTimeUnixNano) - BigInt(b.startTimeUnixNano)));
  assert.deepEqual(
    inOrder.map(({ name }) => name),
    ['preparing', 'running', 'delaying', 'stopping', 'leftovers'],
  );
  for (const [index, { endTimeUnixNano }] of inOrder.slice(0, -1).entries())
    assert.equal(endTimeUnixNano, inOrder[index + 1]?.startTimeUnixNano, 'each begins where the one before ends');
  const running = await collector.span('running');
  const received = running.events
    .filter(({ name }) => name === 'signal')
    .map((event) => plainAttributes(event.attributes));
  assert.deepEqual(
    received.map((each) => each['k8s_run.signal']),
    ['SIGUSR2'],
  );
  assert.ok(events(await collector.span('delaying')).includes('terminating'));
  assert.ok(events(await collector.span('stopping')).includes('stopping'));
});

test('an app that is killed at the end of the grace is an error', async () => {
  await using collector = await startCollector();
  await using run = await startPuppet([
    `--otlp=${collector.url}`,
    '--shutdown-delay=0',
    '--grace=1s',
    '--ready=process',
  ]);
  await run.puppet.tell({ do: 'catch', signals: ['SIGTERM'] });
  await collector.record('ready');
  run.kill('SIGTERM');
  assert.equal((await run.ended()).code, 137);
  const life = await collector.span('life');
  assert.equal(life.status.code, ERROR);
  assert.match(life.status.message ?? '', /ended by SIGKILL/);
  assert.ok(events(await collector.span('killing')).includes('killing'));
});

test('failed probes are events of the span of the phase', async () => {
  await using collector = await startCollector();
  const port = await freePort();
  const options = [
    `--otlp=${collector.url}`,
    `--ready=http://:${port}/`,
    '--probe-period=50ms',
    '--failure-threshold=2',
  ];
  await using run = await startPuppet([...options, '--shutdown-delay=0']);
  await run.puppet.tell({ do: 'serve', port, host: '127.0.0.1' });
  await run.line('ready');
  await run.puppet.tell({ do: 'answer', status: 500 });
  await run.line('unready');
  await collector.record('unready');
  await run.puppet.tell({ do: 'exit', code: 0 });
  await run.ended();
  const running = await collector.span('running');
  const failures = running.events
    .filter(({ name }) => name === 'probe failed')
    .map(({ attributes }) => plainAttributes(attributes));
  // The live probe may have seen the end of the process.
  assert.deepEqual(
    failures.findLast((each) => each['k8s_run.probe'] === 'ready'),
    {
      'k8s_run.probe': 'ready',
      'k8s_run.result': 'failed',
      'k8s_run.reason': 'HTTP 500',
    },
  );
  assert.ok(events(running).includes('unready'));
});

test('TRACEPARENT is the parent, and the app and its hooks get one below it', async () => {
  await using collector = await startCollector();
  const env = { ...cleanEnvironment(), TRACEPARENT: `00-${TRACE}-${PARENT}-01`, TRACESTATE: 'vendor=1' };
  const show = 'echo $TRACEPARENT $TRACESTATE';
  const hooks = ['pre-start', 'post-exit'].map((hook) => `--${hook}=sh -c '${show}'`);
  const ended = await runShell(collector, [`--otlp=${collector.url}`, ...hooks], show, { env });
  const life = await collector.span('life');
  assert.deepEqual([life.traceId, life.parentSpanId, life.traceState], [TRACE, PARENT, 'vendor=1']);
  assert.equal(ended.stdout, `00-${TRACE}-${life.spanId}-01 vendor=1\n`);
  for (const [hook, phase] of [
    ['pre-start', 'preparing'],
    ['post-exit', 'postExit'],
  ] as const) {
    const span = await collector.span(`hook ${hook}`);
    assert.equal(span.parentSpanId, (await collector.span(phase)).spanId);
    const said = ended.lines.find((line) => line['hook'] === hook && line['output'] !== undefined);
    assert.equal(said?.['output'], `00-${TRACE}-${span.spanId}-01 vendor=1`);
  }
});

test('a post-mortem hook has a span of its own, and its command is a child of it', async () => {
  await using collector = await startCollector();
  const hooks = ['--before-kill=sh -c "echo $TRACEPARENT"', '--shutdown-delay=0', '--grace=100ms'];
  await using run = await startPuppet([`--otlp=${collector.url}`, '--drain-connections=off', '--ready=none', ...hooks]);
  await run.puppet.tell({ do: 'catch', signals: ['SIGTERM'] });
  await collector.record('spawned');
  run.kill('SIGTERM');
  assert.equal((await run.ended()).code, 137);
  const span = await collector.span('hook before-kill');
  const said = run.lines().find((line) => line['hook'] === 'before-kill' && line['output'] !== undefined);
  assert.equal(said?.['output'], `00-${span.traceId}-${span.spanId}-01`);
});

test('a hook that is a URL gets the header of W3C Trace Context', async () => {
  await using collector = await startCollector();
  const { createServer } = await import('node:http');
  const seen: unknown[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers['traceparent']);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  try {
    await runShell(collector, [`--otlp=${collector.url}`, `--post-exit=http://127.0.0.1:${port}/quit`], 'exit 0');
    const span = await collector.span('hook post-exit');
    assert.deepEqual(seen, [`00-${span.traceId}-${span.spanId}-01`]);
  } finally {
    server.close();
  }
});

test('a parent that is not sampled: no spans, and records that name its trace', async () => {
  await using collector = await startCollector();
  const env = { ...cleanEnvironment(), TRACEPARENT: `00-${TRACE}-${PARENT}-00` };
  const ended = await runShell(collector, [`--otlp=${collector.url}`], 'echo $TRACEPARENT', { env });
  assert.match(ended.stdout, new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00\n$`));
  assert.equal((await collector.record('exited')).traceId, TRACE);
  assert.deepEqual(collector.spans(), []);
});

test('a restart in place begins another trace, which is linked to the one before', async () => {
  await using collector = await startCollector();
  const options = [`--otlp=${collector.url}`, '--restart=on-failure', '--restart-limit=1'];
  const ended = await runShell(collector, options, 'echo $TRACEPARENT; exit 7');
  assert.equal(ended.code, 7);
  const lives = await until('both lives', () => {
    const found = collector.spans().filter(({ name }) => name === 'life');
    return found.length === 2 ? found : null;
  });
  const [first, second] = lives;
  assert.deepEqual(
    ended.stdout.trim().split('\n'),
    lives.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`),
  );
  assert.notEqual(first?.traceId, second?.traceId);
  assert.deepEqual(
    second?.links.map(({ traceId, spanId }) => [traceId, spanId]),
    [[first?.traceId, first?.spanId]],
  );
  assert.deepEqual(
    lives.map(({ status, attributes }) => [status.code, plainAttributes(attributes)['process.exit.code']]),
    [
      [ERROR, 7],
      [ERROR, 7],
    ],
  );
  const ofFirst = collector.spans().filter(({ traceId }) => traceId === first?.traceId);
  assert.deepEqual(names(ofFirst), ['backingOff', 'leftovers', 'life', 'preparing', 'running']);
});

test('a restart because of a change is no error, and its record belongs to the life that it ends', async () => {
  const { mkdtemp, rename, rm, writeFile } = await import('node:fs/promises');
  const folder = await mkdtemp('/tmp/otlp-');
  await using collector = await startCollector();
  try {
    await writeFile(`${folder}/a`, '1');
    const options = [`--otlp=${collector.url}`, `--watch=${folder}/a`, '--on-change=restart', '--shutdown-delay=0'];
    await using run = start([...options, '--ready=process'], ['sleep', '1000']);
    await collector.record('ready');
    await writeFile(`${folder}/b`, '2');
    await rename(`${folder}/b`, `${folder}/a`);
    await run.line('restarting');
    await until('the second start', () => run.events().filter((event) => event === 'spawned').length === 2);
    run.kill('SIGTERM');
    await run.ended();
    const [first] = collector.spans().filter(({ name }) => name === 'life');
    assert.equal(first?.status.code, 0);
    assert.equal((await collector.record('restarting')).traceId, first?.traceId);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('/metrics has target_info with --otlp, and not without', async () => {
  await using collector = await startCollector();
  const env = { ...cleanEnvironment(), OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test%20x,team=a' };
  await using run = start([`--otlp=${collector.url}`, '--ready=process'], ['sleep', '1000'], { env });
  await run.line('ready');
  await collector.record('ready');
  const families = parseExposition((await run.get('/metrics')).body, 'text');
  const [series] = families.find(({ name }) => name === 'target_info')?.series ?? [];
  assert.equal(series?.labels['service_name'], 'sleep');
  assert.equal(series?.labels['deployment_environment_name'], 'test x');
  const [request] = collector.requests();
  const exported = plainAttributes(request?.message.resource ?? []);
  assert.equal(series?.labels['service_instance_id'], exported['service.instance.id']);
  assert.equal(Object.keys(series?.labels ?? {}).length, Object.keys(exported).length);
  await using plain = start(['--ready=process'], ['sleep', '1000'], { env });
  await plain.line('ready');
  assert.doesNotMatch((await plain.get('/metrics')).body, /target_info/);
});
