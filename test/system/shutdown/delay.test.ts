import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { needs } from '../../rig/needs.ts';
import { type SupervisedPuppet, startPuppet } from '../../rig/puppet.ts';
import { start } from '../../rig/supervised.ts';

/** A delay that is longer than every deadline of a test: what ends in time was not delayed. */
const LONG = ['--shutdown-delay', '1h'];

test('after SIGTERM readiness fails, the delay passes, the app gets the signal, and k8s-run exits with its code', async () => {
  await using run = await startPuppet(['--shutdown-delay', '300ms']);
  await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 7 });
  await run.puppet.tell({ do: 'listen', port: 0 });
  await run.line('ready');
  assert.equal((await run.get('/readyz')).status, 200);
  run.kill('SIGTERM');
  await run.line('terminating');
  const during = await run.get('/readyz');
  assert.deepEqual([during.status, during.body], [503, 'shutting down\n']);
  assert.deepEqual(await run.ended(), { code: 7, signal: null });
  assert.deepEqual(run.events(), [
    'starting',
    'spawned',
    'started',
    'ready',
    'signal',
    'terminating',
    'stopping',
    'exited',
  ]);
  const exited = await run.line('exited');
  assert.deepEqual([exited['code'], exited['signal'], exited['cause']], [7, null, 'stopped']);
  const phases = exited['phases'] as Readonly<Record<string, number>>;
  assert.deepEqual(Object.keys(phases), ['preparingMs', 'runningMs', 'delayingMs', 'stoppingMs', 'leftoversMs']);
  assert.ok((phases['delayingMs'] ?? 0) >= 300, 'never shorter than it was asked to be');
});

test('the delay is skipped for an app that never became ready', async () => {
  await using run = await startPuppet([...LONG, '--ready', 'file:/no/such/file']);
  await run.puppet.tell({ do: 'listen', port: 0 });
  await endsWithoutPause(run, 'never ready');
});

test('/statusz says what began the shutdown, and why the delay was skipped', async () => {
  await using run = await startPuppet([...LONG, '--grace', '1h', '--ready', 'file:/no/such/file']);
  await run.puppet.tell({ do: 'catch', signals: ['SIGTERM'] });
  run.kill('SIGTERM');
  await run.puppet.received('SIGTERM');
  const { state, shutdown } = JSON.parse((await run.get('/statusz')).body);
  assert.deepEqual([state, shutdown.cause.signal, shutdown.delaySkipped], ['stopping', 15, 'never ready']);
});

test('the delay is skipped for an app whose liveness fails', async () => {
  const probes = ['--ready', 'process', '--live', 'file:/no/such/file', '--probe-period', '50ms'];
  await using run = await startPuppet([...LONG, ...probes]);
  await run.puppet.tell({ do: 'listen', port: 0 });
  await run.line('ready');
  await run.line('unlive');
  assert.equal((await run.get('/livez')).status, 503);
  await endsWithoutPause(run, 'not alive');
});

test('the delay is skipped for an app that listens on nothing, unless --shutdown-delay is set', async () => {
  await using worker = await startPuppet(['--ready', 'process']);
  await worker.line('ready');
  await endsWithoutPause(worker, 'listens on nothing');
  const [terminating, stopping] = ['terminating', 'stopping'].map((event) =>
    worker.lines().filter((line) => line.event === event),
  );
  assert.deepEqual([terminating?.length, terminating?.[0]?.['delayMs'], stopping?.length], [1, 0, 1]);
  assert.ok(!/delay/.test(terminating?.[0]?.msg ?? ''), 'a delay that does not follow is not announced');
  assert.match(stopping?.[0]?.msg ?? '', /; no delay, because \S+ listens on nothing$/);

  await using patient = await startPuppet(['--ready', 'process', '--shutdown-delay', '100ms']);
  await patient.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 7 });
  await patient.line('ready');
  patient.kill('SIGTERM');
  assert.equal((await patient.ended()).code, 7);
  assert.equal((await patient.line('stopping'))['delaySkipped'], undefined);
  assert.ok(patient.events().includes('terminating'));
});

/** Sockets that are no TCP listener, each by a line of Python. The last receives nothing unasked, because the kernel chose its port. */
const NO_TCP_PORTS: readonly (readonly [name: string, bind: string, drains: boolean])[] = [
  ['a UDP port', 's = socket(AF_INET, SOCK_DGRAM); s.bind(("127.0.0.77", 1024 + getpid() % 30000))', true],
  ['a Unix socket', 's = socket(AF_UNIX); s.bind("\\0k8s-run-test-%d" % getpid()); s.listen()', true],
  ['a UDP client', 's = socket(AF_INET, SOCK_DGRAM); s.sendto(b"", ("127.0.0.1", 9))', false],
];

for (const [name, bind, drains] of NO_TCP_PORTS) {
  test(`the default delay is ${drains ? 'kept' : 'left out'} for an app with ${name}`, {
    skip: needs('python3'),
  }, async () => {
    const program = `from os import *; from socket import *; import signal\n${bind}\nprint("open")\nsignal.pause()`;
    await using run = start(['--ready', 'process'], ['python3', '-uc', program]);
    await until('it is open', () => run.stdout().includes('open'));
    await run.line('ready');
    run.kill('SIGTERM');
    if (!drains) {
      assert.equal((await run.line('stopping'))['delaySkipped'], 'listens on nothing');
      return;
    }
    await run.line('terminating');
    // A round trip later the listeners have been counted, for it was begun before.
    for (let asked = 0; asked < 2; asked += 1)
      assert.equal(JSON.parse((await run.get('/statusz')).body).state, 'delaying');
  });
}

test('the default delay is kept for an app that listens', async () => {
  await using run = await startPuppet([]);
  await run.puppet.tell({ do: 'exitOn', signal: 'SIGUSR1', code: 7 });
  await run.puppet.tell({ do: 'listen', port: 0 });
  await run.line('ready');
  run.kill('SIGTERM');
  assert.equal((await run.line('terminating'))['delayMs'], 5_000);
  // A round trip later the listeners have been counted, for it was begun before.
  const status = JSON.parse((await run.get('/statusz')).body);
  assert.equal(status.state, 'delaying');
  run.kill('SIGUSR1');
  assert.equal((await run.ended()).code, 7);
  assert.ok(!run.events().includes('stopping'));
});

test('an app that exits during the delay ends it, with its own code', async () => {
  await using run = await startPuppet(LONG);
  await run.puppet.tell({ do: 'listen', port: 0 });
  await run.line('ready');
  run.kill('SIGTERM');
  await run.line('terminating');
  await run.puppet.tell({ do: 'exit', code: 3 });
  assert.equal((await run.ended()).code, 3);
  assert.equal((await run.line('exited'))['cause'], 'exited');
  assert.ok(!run.events().includes('stopping'));
});

test('a repeated TERM does not end the delay', async () => {
  await using run = await startPuppet(LONG);
  await run.puppet.tell({ do: 'catch', signals: ['SIGTERM', 'SIGINT'] });
  await run.puppet.tell({ do: 'listen', port: 0 });
  await run.line('ready');
  run.kill('SIGTERM');
  await run.line('terminating');
  await repeat(run, ['SIGTERM', 'SIGINT', 'SIGTERM']);
  assert.equal(JSON.parse((await run.get('/statusz')).body).state, 'delaying');
  assert.deepEqual(run.puppet.signals(), []);
});

test('after a repeated TERM the app gets one TERM, and is not killed', async () => {
  await using run = await startPuppet(['--shutdown-delay', '0', '--grace', '1h']);
  await run.puppet.tell({ do: 'catch', signals: ['SIGTERM', 'SIGINT'] });
  run.kill('SIGTERM');
  await run.puppet.received('SIGTERM');
  await repeat(run, ['SIGTERM', 'SIGINT', 'SIGTERM']);
  await run.puppet.tell({ do: 'describe' });
  assert.deepEqual(run.puppet.signals(), ['SIGTERM']);
  assert.equal(JSON.parse((await run.get('/statusz')).body).state, 'stopping');
});

/** Sends one after the other, each when the one before was heard. */
async function repeat(run: SupervisedPuppet, signals: readonly NodeJS.Signals[]): Promise<void> {
  const repeated = (): number => run.lines().filter((line) => line['outcome'] === 'repeated').length;
  for (const [index, signal] of signals.entries()) {
    run.kill(signal);
    await run.line('signal', () => repeated() === index + 1);
  }
}

async function endsWithoutPause(run: SupervisedPuppet, reason: string): Promise<void> {
  await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 7 });
  run.kill('SIGTERM');
  assert.equal((await run.ended()).code, 7);
  assert.equal((await run.line('stopping'))['delaySkipped'], reason);
}
