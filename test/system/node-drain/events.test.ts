import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { finish } from '../../rig/finished.ts';
import { withFault } from '../../rig/inject.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { type Supervised, start } from '../../rig/supervised.ts';

type Line = { readonly event: string; readonly phase: string } & Readonly<Record<string, unknown>>;

type Reader = Disposable & { readonly lines: () => readonly Line[]; readonly socket: Socket };

function reader(address: string): Reader {
  let text = '';
  const socket = connect({ path: `\0${address.slice(1)}` });
  socket.setEncoding('utf8').on('error', () => {});
  socket.on('data', (part: string) => {
    text += part;
  });
  return {
    socket,
    lines: () =>
      text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Line),
    [Symbol.dispose]: () => socket.destroy(),
  };
}

async function addressOf(run: Supervised): Promise<string> {
  return until('the name of the socket', () => /^@\S+$/m.exec(run.stdout())?.[0], run.stderr);
}

const APP = ['sh', '-c', 'echo "$K8S_RUN_EVENTS"; trap "exit 7" TERM; while :; do sleep 0.1; done'];

test('--events: the present state comes first, then each phase with the time that it has left', async () => {
  await using run = start(['--events', '--ready', 'none', '--shutdown-delay', '5s', '--drain-connections', '1s'], APP);
  using early = reader(await addressOf(run));
  await until('the present state', () => early.lines().length > 0, run.stderr);
  assert.equal(early.lines()[0]?.event, 'state');
  await run.line('ready');
  run.kill('SIGTERM');
  await run.line('terminating');
  using late = reader(await addressOf(run));
  await until('the state for who comes late', () => late.lines().length > 0, run.stderr);
  assert.deepEqual(await run.ended(), { code: 7, signal: null });
  const events = early.lines().map(({ event, phase }) => `${event} ${phase}`);
  assert.deepEqual(events.slice(events.indexOf('terminating delaying')), [
    'terminating delaying',
    'draining draining',
    'stopping stopping',
  ]);
  const [first] = late.lines();
  assert.equal(first?.event, 'state');
  const terminating = early.lines().find(({ event }) => event === 'terminating');
  assert.ok(Number(terminating?.['delayEndsInMs']) > 0 && Number(terminating?.['delayEndsInMs']) <= 5_000);
});

test('--events: what a reader sends is discarded, and the seventeenth reader is refused', async () => {
  await using run = start(['--events', '--ready', 'none'], APP);
  const address = await addressOf(run);
  const readers = Array.from({ length: 16 }, () => reader(address));
  try {
    for (const each of readers) await until('a first line', () => each.lines().length > 0, run.stderr);
    readers[0]?.socket.write('{"event":"stop"}\n');
    using refused = reader(address);
    await until('the refusal', () => refused.socket.destroyed || refused.socket.readableEnded, run.stderr);
    assert.deepEqual(refused.lines(), []);
    run.kill('SIGTERM');
    await until('the reader is still told', () => readers[0]?.lines().some(({ event }) => event === 'terminating'));
  } finally {
    for (const each of readers) each[Symbol.dispose]();
  }
});

test('an events socket that cannot be opened is said, and the app runs without it', async () => {
  const app = ['sh', '-c', 'echo "[$K8S_RUN_EVENTS$NODE_OPTIONS]"; exit 7'];
  await using run = start(['--events', '--node-drain', '--ready', 'none'], app, withFault('no abstract socket'));
  assert.deepEqual(await run.ended(), { code: 7, signal: null });
  assert.equal(run.stdout().trim(), '[]');
  const { msg } = await run.line('warning');
  assert.match(msg, /events socket: injected .*; the app is started without --events and --node-drain$/);
});

test('--node-drain without a loopback address: only Node before 21 is left out, and that is said', async () => {
  const app = ['sh', '-c', 'echo "$K8S_RUN_EVENTS $NODE_OPTIONS"; exit 7'];
  await using run = start(['--node-drain', '--ready', 'none'], app, withFault('no loopback port'));
  assert.deepEqual(await run.ended(), { code: 7, signal: null });
  assert.match(run.stdout(), /^@k8s-run-[0-9a-f]{16} --require /);
  assert.match((await run.line('warning')).msg, /^cannot listen on 127\.0\.0\.1: injected .* Node before 21$/);
});

test('without --events the app finds no K8S_RUN_EVENTS', async () => {
  const { stdout } = await finish(['--ready', 'none'], ['sh', '-c', 'echo "[$K8S_RUN_EVENTS]"']);
  assert.equal(stdout.trim(), '[]');
});

test('a k8s-run that the app starts does not take K8S_RUN_EVENTS for its own option', async () => {
  const { BIN } = await import('../../rig/supervised.ts');
  const inner = [process.execPath, BIN, '--health-port', 'off', '--', 'true'];
  const { code, stderr } = await finish(['--events', '--ready', 'none'], inner);
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /K8S_RUN_EVENTS/);
});

test('--drain-signal is sent when the shutdown begins, the stop signal after the delay', async () => {
  await using run = await startPuppet(['--drain-signal', 'USR1', '--ready', 'none', '--shutdown-delay', '1h']);
  await run.puppet.tell({ do: 'catch', signals: ['SIGUSR1', 'SIGTERM'] });
  await run.line('ready');
  run.kill('SIGTERM');
  await run.puppet.received('SIGUSR1');
  assert.equal((await run.line('terminating'))['drainSignal'], 'SIGUSR1');
  assert.ok(!run.events().includes('stopping'));
  assert.deepEqual(run.puppet.signals(), ['SIGUSR1']);
});

test('--drain-signal is not sent where no phase comes before the stop signal', async () => {
  const none = ['--shutdown-delay', '0', '--drain-connections', 'off'];
  await using run = await startPuppet(['--drain-signal', 'USR1', '--ready', 'none', ...none]);
  await run.puppet.tell({ do: 'catch', signals: ['SIGUSR1', 'SIGTERM'] });
  await run.line('ready');
  run.kill('SIGTERM');
  await run.puppet.received('SIGTERM');
  assert.deepEqual(run.puppet.signals(), ['SIGTERM']);
});
