import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { parseListeners } from '../../../src/linux/listener-table.ts';
import { socketsOf } from '../../../src/linux/process-sockets.ts';
import { until } from '../../rig/deadline.ts';
import { noFfi } from '../../rig/ffi.ts';
import { cleanEnvironment, start } from '../../rig/supervised.ts';

const MEANT_FOR_THE_APP = {
  NODE_OPTIONS: '--max-old-space-size=64 --inspect=127.0.0.1:0',
  NODE_DEBUG: 'http,net,timer',
  NODE_EXTRA_CA_CERTS: '/nowhere/ca.pem',
  NODE_PATH: '/nowhere',
  OPENSSL_CONF: '/dev/null',
  SSLKEYLOGFILE: '/nowhere/keys',
};

function listenersOf(pid: number): readonly string[] {
  const held = socketsOf(pid) ?? new Map();
  const all = ['tcp', 'tcp6'].flatMap((table) => parseListeners(readFileSync(`/proc/net/${table}`, 'utf8')));
  return all.map(({ inode }) => inode).filter((inode) => held.has(inode));
}

test('NODE_OPTIONS, LD_PRELOAD and their like reach the app unchanged, and do not act on k8s-run', async () => {
  const env = { ...cleanEnvironment(), ...MEANT_FOR_THE_APP };
  await using run = start(['--ready', 'none'], ['sh', '-c', 'env; echo all; exec sleep 1000'], { env });
  await run.line('ready');
  await until('its variables', () => /^all$/m.test(run.stdout()), run.stderr);
  const { body } = await run.get('/statusz');
  assert.equal(JSON.parse(body).state, 'running');
  const got = Object.fromEntries(
    run
      .stdout()
      .split('\n')
      .map((line) => line.split(/=(.*)/s).slice(0, 2)),
  );
  for (const [name, value] of Object.entries(MEANT_FOR_THE_APP)) assert.equal(got[name], value);
  assert.deepEqual(
    Object.keys(got).filter((name) => name.includes('K8S_RUN')),
    [],
  );
  // NODE_DEBUG would write lines of this form to stderr, for each timer and each connection.
  assert.doesNotMatch(run.stderr(), /^(HTTP|NET|TIMER) \d+:/m);
});

test('an inspector that NODE_OPTIONS opens does not stay open in k8s-run', async () => {
  const env = { ...cleanEnvironment(), NODE_OPTIONS: '--inspect=127.0.0.1:0' };
  await using run = start(['--ready', 'none'], ['sleep', '1000'], { env });
  await run.line('ready');
  const own = (await readFile(`/proc/${run.pid}/environ`, 'utf8')).split('\0');
  assert.deepEqual(
    own.filter((entry) => entry.startsWith('NODE_OPTIONS=')),
    [],
  );
  // One socket listens: the health server's.
  assert.equal(listenersOf(run.pid).length, 1);
});

test('a foreign variable with the name that k8s-run uses to carry these variables does no harm, and does not reach the app', async () => {
  const env = { ...cleanEnvironment(), _K8S_RUN_FOR_THE_APP: 'no JSON' };
  await using run = start([], ['sh', '-c', 'env; exit 3'], { env });
  assert.equal((await run.ended()).code, 3, run.stderr());
  assert.doesNotMatch(run.stdout(), /FOR_THE_APP/);
});

test('SIGUSR1 goes to the app and opens no inspector in k8s-run', async () => {
  await using run = start(['--ready', 'none'], ['sleep', '1000']);
  await run.line('ready');
  run.kill('SIGUSR1');
  assert.equal((await run.ended()).code, 128 + 10);
  assert.doesNotMatch(run.stderr(), /Debugger listening/);
});

test('SIGUSR1 reaches the app under --disable-sigusr1 too, which leaves it blocked', { skip: noFfi }, async () => {
  const app = ['sh', '-c', 'trap "exit 7" USR1; echo up; while :; do sleep 0.05; done'];
  await using run = start(['--ready', 'none'], app, { nodeOptions: ['--disable-sigusr1'] });
  await until('the app', () => run.stdout().includes('up'));
  run.kill('SIGUSR1');
  assert.equal((await run.ended()).code, 7, run.stderr());
});
