import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseReply } from '../../../src/health/ask.ts';
import { isSupervisor } from '../../../src/linux/find-supervisor.ts';
import { until } from '../../rig/deadline.ts';
import { documentedProbes } from '../../rig/documented-probes.ts';
import { type Finished, finishWords } from '../../rig/finished.ts';
import { BIN, cleanEnvironment, start, startWords } from '../../rig/supervised.ts';

const SLEEP = ['sleep', '300'];

function probe(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> {
  return finishWords(['probe', ...words], { env: { ...cleanEnvironment(), ...env } });
}

/** A server that sends `answer` to each client; it sends nothing for an empty one, and closes at once for null. */
async function answering(answer: string | null): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((socket) => {
    // The server reads, so that it notices the end of the connection.
    socket.on('error', () => {}).resume();
    if (answer === null) socket.destroy();
    else if (answer !== '') socket.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

test('k8s-run probe prints the answer of the endpoint, and exits with 0 for ok, else with 1', async () => {
  await using run = start(['--ready', 'file:/no/such/file'], SLEEP);
  const port = new URL(String((await run.line('starting'))['health'])).port;
  const live = await probe(['live', '--health-port', port]);
  assert.deepEqual([live.code, live.stdout, live.stderr], [0, 'ok\n', '']);
  for (const words of [['ready'], [], ['startup']]) {
    const no = await probe([...words, '--health-port', port]);
    assert.deepEqual([no.code, no.stderr], [1, ''], no.stdout);
    assert.match(no.stdout, /\/no\/such\/file does not exist\n$/);
  }
});

test('k8s-run probe takes the port from the flag, else from the variable, and ignores service links', async () => {
  await using run = start(['--ready', 'none'], SLEEP);
  await run.line('ready');
  const port = new URL(String((await run.line('starting'))['health'])).port;
  assert.equal((await probe([], { K8S_RUN_HEALTH_PORT: port })).code, 0);
  assert.equal((await probe([`--health-port=${port}`], { K8S_RUN_HEALTH_PORT: '1' })).code, 0);
  assert.equal((await probe(['--health-port', '1'], { K8S_RUN_HEALTH_PORT: port })).code, 1);
  assert.equal((await probe(['--health-port', port], { K8S_RUN_GRACE: 'not a duration' })).code, 0);
  const link = { K8S_RUN_HEALTH_PORT: 'tcp://10.0.0.1:1', K8S_RUN_HEALTH_PORT_80_TCP: 'tcp://10.0.0.1:1' };
  assert.equal((await probe(['--health-port', port], link)).code, 0);
});

test('k8s-run probe without a port probes the k8s-run that it is a descendant of', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'probe-'));
  const report = join(folder, 'report');
  try {
    // Other instances run on this machine at the same time; only this one has an app that runs the probe.
    const script = `"${process.execPath}" "${BIN}" probe live >"${report}" 2>&1; echo "$?" >>"${report}"; sleep 300`;
    await using run = start(['--ready', `file:${report}`], ['sh', '-c', script]);
    await using other = start(['--live', 'file:/no/such/file', '--startup', 'none'], SLEEP);
    await other.line('spawned');
    await run.line('ready');
    const text = await until('the answer', async () => {
      const output = await readFile(report, 'utf8');
      return /\n\d+\n$/.test(output) ? output : null;
    });
    assert.equal(text, 'ok\n0\n');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('k8s-run probe names what is wrong with an answer: no listener, no HTTP, a closed connection, silence', async () => {
  const noListener = await probe(['--health-port', '1']);
  assert.deepEqual([noListener.code, noListener.stderr], [1, '']);
  assert.match(noListener.stdout, /^cannot probe k8s-run: nothing listens at \[::1\]:1\n$/);
  for (const [answer, output] of [
    ['SSH-2.0-x\r\n', /does not speak HTTP/],
    [null, /cannot probe k8s-run: /],
    ['', /no answer within 200 ms/],
    [`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(100_000)}`, /^x+\n$/],
    ['HTTP/1.1 404 Not Found\r\n\r\nnot found\n', /^not found\n$/],
  ] as const) {
    await using server = await answering(answer);
    const limit = answer === '' ? ['--probe-timeout', '200ms'] : ['--probe-timeout', '10s'];
    const run = await probe(['--health-port', String(server.port), '--health-host', '127.0.0.1', ...limit]);
    assert.match(run.stdout, output);
    assert.equal(run.code, output.source.startsWith('^x') ? 0 : 1, run.stdout);
    assert.equal(run.stderr, '');
  }
});

test('the probe commands of the how-to pages print ok', async () => {
  const commands = documentedProbes();
  assert.ok(commands.length > 5);
  await using run = start(['--ready', 'none'], SLEEP);
  await run.line('ready');
  const port = new URL(String((await run.line('starting'))['health'])).port;
  // test/containers shows that the images have the first word.
  for (const [, , ...words] of commands) {
    assert.equal((await probe(words, { K8S_RUN_HEALTH_PORT: port })).stdout, 'ok\n');
  }
});

test('k8s-run probe exits with 1 where the health server is off', async () => {
  const off = await probe([], { K8S_RUN_HEALTH_PORT: 'off' });
  assert.deepEqual(
    [off.code, off.stdout],
    [1, 'cannot probe k8s-run: the health server is off (--health-port off); give it a port\n'],
  );
});

test('k8s-run probe exits with 64 for an invalid command line, 78 for an invalid value, 0 for --help', async () => {
  for (const words of [
    ['well'],
    ['ready', 'live'],
    ['--grace', '3s'],
    ['--no-such'],
    ['--health-port'],
    ['--', 'ls'],
  ]) {
    const run = await probe(words);
    assert.deepEqual([run.code, run.stdout], [64, ''], words.join(' '));
    assert.match(run.stderr, /^k8s-run probe: .+\nk8s-run probe --help lists its options\n$/);
  }
  const value = await probe(['--health-port', 'http']);
  assert.deepEqual([value.code, value.stdout], [78, '']);
  assert.match(value.stderr, /^cannot use --health-port "http": /);
  for (const flag of ['--help', '-h']) {
    const help = await probe(['live', flag]);
    assert.deepEqual([help.code, help.stderr], [0, '']);
    assert.match(help.stdout, /--health-port <port>/);
  }
});

test('probe after an option is the program and not the command', async () => {
  await using run = startWords(['--health-port=0', 'probe'], { env: { ...cleanEnvironment(), PATH: '/nowhere' } });
  assert.equal((await run.ended()).code, 127);
});

test('k8s-run is recognized by its command line', () => {
  for (const words of [
    ['k8s-run', '--', 'node', 'server.js'],
    ['/opt/k8s-run/k8s-run', 'app'],
    ['node', '/usr/local/bin/k8s-run', 'app'],
    ['/usr/bin/node', '--disable-sigusr1', '/x/bin/k8s-run.js', 'app'],
    ['/lib/ld.so', '--library-path', '/x', '/x/node', '/x/main', '--', 'app'],
  ]) {
    assert.ok(isSupervisor(words, ['/lib/ld.so', '--library-path', '/x', '/x/node', '/x/main']), words.join(' '));
  }
  for (const words of [[], ['node', 'server.js', 'k8s-run'], ['sh', '-c', 'k8s-run app'], ['vim', 'k8s-run.js']]) {
    assert.ok(!isSupervisor(words, []), words.join(' '));
  }
});

test('an HTTP answer is parsed to status and body, or is a failure', () => {
  assert.deepEqual(parseReply('HTTP/1.1 503 Service Unavailable\r\nA: b\r\n\r\nno\n'), { status: 503, body: 'no\n' });
  assert.deepEqual(parseReply('HTTP/1.0 200\r\n\r\n'), { status: 200, body: '' });
  for (const text of [
    '',
    'HTTP/1.1 200 OK\r\nA: b\r\n',
    'HTTP/2 200\r\n\r\n',
    'hello\r\n\r\n',
    'HTTP/1.1 2000 OK\r\n\r\n',
  ]) {
    assert.ok('failure' in parseReply(text), text);
  }
});

test('k8s-run probe accepts one verdict at a time', async () => {
  const run = await probe(['ready', 'startup']);
  assert.deepEqual([run.code, run.stdout], [64, '']);
  assert.match(run.stderr, /^k8s-run probe: cannot probe ready and startup at once; name one\n/);
});
