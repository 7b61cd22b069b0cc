import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { needs } from '../../rig/needs.ts';
import { ask, start, startWords } from '../../rig/supervised.ts';
import { ownAddress, serveTcp } from '../../rig/target.ts';

const SLEEP = ['sleep', '300'];

/** bash has /dev/tcp, which is the quickest client there is. */
test('the health port is open at the first instruction of the app, and a request then is answered', {
  skip: needs('bash'),
}, async () => {
  const address = ownAddress(2);
  const script = `exec 3<>/dev/tcp/${address}/20417 && printf 'GET /livez HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3`;
  await using run = start(['--health-host', address, '--health-port=20417'], ['bash', '-c', script]);
  assert.deepEqual(await run.ended(), { code: 0, signal: null });
  assert.match(run.stdout(), /^HTTP\/1\.1 200 OK\r\n/);
});

test('with a health port that is taken k8s-run exits with 69, names the likely causes, and never starts the app', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'taken-'));
  try {
    await using taken = await serveTcp(() => {});
    const trace = join(folder, 'started');
    await using run = start(['--health-host', '127.0.0.1', `--health-port=${taken.port}`], ['touch', trace]);
    assert.deepEqual(await run.ended(), { code: 69, signal: null });
    const { code, msg } = await run.line('exited');
    assert.equal(code, 69);
    assert.match(
      msg,
      new RegExp(`cannot open the health port ${taken.port} .*sidecars.*host's network.*--health-port`),
    );
    assert.ok(!run.events().includes('spawned'));
    assert.ok(!existsSync(trace));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('with a --health-host that this machine does not have k8s-run exits with 69', async () => {
  await using run = start(['--health-host', '192.0.2.1'], SLEEP);
  assert.deepEqual(await run.ended(), { code: 69, signal: null });
  assert.match((await run.line('exited')).msg, /no interface has this address; check --health-host/);
});

test('--health-port off opens no port', async () => {
  await using run = startWords(['--health-port', 'off', '--ready', 'none', '--', ...SLEEP]);
  assert.equal((await run.line('starting'))['health'], null);
  await run.line('ready');
  run.kill('SIGTERM');
  await run.ended();
});

test('the health server answers on IPv4 and IPv6 by default, and on --health-host only if it is set', async (t) => {
  await using both = start(['--ready', 'none'], SLEEP);
  const bound = String((await both.line('starting'))['health']);
  const { port } = new URL(bound);
  assert.equal((await ask(`http://127.0.0.1:${port}/livez`)).status, 200);
  if (bound.startsWith('http://[::]:')) assert.equal((await ask(`http://[::1]:${port}/livez`)).status, 200);
  else t.diagnostic('this machine has no IPv6: bound to IPv4 only');
  await using one = start(['--health-host', ownAddress(3)], SLEEP);
  const health = String((await one.line('starting'))['health']);
  assert.match(health, new RegExp(`^http://${ownAddress(3)}:`));
  assert.equal((await ask(`${health}/livez`)).status, 200);
  await assert.rejects(ask(`${health.replace(ownAddress(3), '127.0.0.1')}/livez`), { code: 'ECONNREFUSED' });
});
