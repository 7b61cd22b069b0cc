import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { type SupervisedPuppet, startPuppet } from '../../rig/puppet.ts';
import { start } from '../../rig/supervised.ts';
import { ownAddress, serveHttp, serveTcp } from '../../rig/target.ts';

const BRISK = ['--probe-period', '30ms', '--failure-threshold', '2'];
const NOTHING = 'the app listens on no TCP port';
const LISTENING_NODE = "require('net').createServer().listen(0, '0.0.0.0')";

async function listensOnNothing(run: Pick<SupervisedPuppet, 'get' | 'stderr'>): Promise<void> {
  await until('nothing found', async () => (await run.get('/startupz')).body === `${NOTHING}\n`, run.stderr);
}

test('auto: a port that the app opens late makes it ready; ports of others never do', async () => {
  await using foreign = await serveTcp(() => {}, { host: '0.0.0.0' });
  await using run = await startPuppet(BRISK);
  await listensOnNothing(run);
  await run.puppet.tell({ do: 'listen', port: 0 });
  await run.line('ready');
  assert.equal(foreign.connections(), 0);
});

test('auto: a port of the app that changes is followed', async () => {
  await using run = await startPuppet(BRISK);
  await run.puppet.tell({ do: 'listen', port: 0, host: '0.0.0.0' });
  await run.line('ready');
  await run.puppet.tell({ do: 'unlisten' });
  assert.equal((await run.line('unready'))['reason'], NOTHING);
  await run.puppet.tell({ do: 'listen', port: 0 });
  await until('ready again', async () => (await run.get('/readyz')).status === 200, run.stderr);
  assert.ok((await run.puppet.tell<number>({ do: 'accepted' })) >= 1);
});

test('auto: the port of a child counts, in a session of its own too', async () => {
  for (const detached of [false, true]) {
    await using run = await startPuppet(BRISK);
    await listensOnNothing(run);
    const pid = await run.puppet.tell<number>({
      do: 'spawn',
      command: [process.execPath, '-e', LISTENING_NODE],
      detached,
    });
    try {
      await run.line('ready');
    } finally {
      process.kill(pid, 'SIGKILL');
    }
  }
});

test('auto: the port of an orphan of a double fork counts if it stayed in the session', async () => {
  await using run = start(BRISK, [
    'sh',
    '-c',
    '("$0" -e "$1" &); exec sleep 300',
    process.execPath,
    `${LISTENING_NODE}; setInterval(() => process.kill(${process.pid}, 0), 100)`,
  ]);
  await run.line('ready');
});

test('auto: an app that listens on loopback only is ready, with one warning', async () => {
  await using live = await serveHttp((_request, response) => response.end());
  await using run = await startPuppet([...BRISK, '--live', `http://:${live.port}/`]);
  await run.puppet.tell({ do: 'listen', port: 0, host: '127.0.0.1' });
  await run.line('ready');
  await until('several periods', () => live.requests.length >= 8, run.stderr);
  const warnings = run.lines().filter(({ event, msg }) => event === 'warning' && /loopback only/.test(msg));
  assert.equal(warnings.length, 1);
  assert.equal(await run.puppet.tell<number>({ do: 'accepted' }), 0);
});

for (const [how, words, env] of [
  ['a flag', [`--inspect=${ownAddress(1)}:9301`], {}],
  ['NODE_OPTIONS', [], { NODE_OPTIONS: `--inspect=${ownAddress(1)}:9302` }],
  ['a flag, on any free port', ['--inspect=0'], {}],
  ['a flag, under a title', [`--inspect=${ownAddress(1)}:9304`, '--title=web'], {}],
] as const) {
  test(`auto: the inspector of a Node app does not count, opened by ${how}`, async () => {
    const app = ['env', ...Object.entries(env).map(([name, value]) => `${name}=${value}`), process.execPath, ...words];
    await using live = await serveHttp((_request, response) => response.end());
    const options = [...BRISK, '--startup', 'none', '--live', `http://:${live.port}/`];
    await using run = start(options, [...app, '-e', 'setInterval(() => {}, 1000)']);
    await until('the inspector', () => run.stderr().includes('Debugger listening'), run.stderr);
    const asked = live.requests.length;
    await until('ten periods', () => live.requests.length >= asked + 10, run.stderr);
    assert.equal((await run.get('/readyz')).body, `${NOTHING}\n`);
    assert.ok(!run.events().includes('ready'));
  });
}

test('auto: the ports of a Node app count although its inspector is open', async () => {
  const flag = `--inspect=${ownAddress(1)}:9303`;
  await using run = start(BRISK, [process.execPath, flag, '-e', LISTENING_NODE]);
  await run.line('ready');
});

test('auto: ready names the open ports, and one that closes while another is open is one warning', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'auto-'));
  try {
    const begun = join(folder, 'begun');
    await using run = await startPuppet(['--startup', `file:${begun}`, '--probe-period', '30ms']);
    const stays = await run.puppet.tell<number>({ do: 'listen', port: 0, host: '0.0.0.0' });
    const closes = await run.puppet.tell<number>({ do: 'listen', port: 0 });
    await writeFile(begun, '');
    const ready = await run.line('ready');
    const ports = [stays, closes].sort((a, b) => a - b);
    assert.deepEqual(ready['ports'], ports);
    assert.ok(ready.msg.endsWith(` on ports ${ports.join(', ')}`), ready.msg);
    await run.puppet.tell({ do: 'unlisten' });
    const warning = await run.line('warning', ({ msg }) => msg.includes(`no longer listens on port ${closes}`));
    assert.ok(warning.msg.includes(`because port ${stays} is open`), warning.msg);
    assert.equal((await run.get('/readyz')).status, 200);
    assert.ok(!run.events().includes('unready'), run.stderr());
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('auto: ready names no ports where another probe was chosen', async () => {
  await using run = await startPuppet(['--ready', 'process']);
  assert.equal((await run.line('ready'))['ports'], undefined);
});
