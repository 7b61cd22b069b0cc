import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { listProcesses } from '../../../src/linux/procfs.ts';
import { until } from '../../rig/deadline.ts';
import { needs } from '../../rig/needs.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { readableCopy } from '../../rig/readable-copy.ts';
import { start } from '../../rig/supervised.ts';

/** k8s-run without CAP_SYS_PTRACE, as in a container: it may not read the descriptors of another uid's process. */
const WITHOUT_PTRACE = ['setpriv', '--bounding-set', '-sys_ptrace'];
/** A network namespace of its own, as a pod has, with its loopback up. */
const OWN_NETWORK = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];
const NOBODY = 65_534;
const BRISK = ['--probe-period', '30ms', '--failure-threshold', '2'];
const NOTHING = 'the app listens on no TCP port\n';

const missing = missingFor([...OWN_NETWORK, ...WITHOUT_PTRACE]);

function missingFor(prefix: readonly string[]): string | false {
  if (process.getuid?.() !== 0) return 'needs root, to take a capability away and change the uid';
  const [program = '', ...args] = prefix;
  const tried = spawnSync(program, [...args, 'true'], { stdio: 'ignore' });
  return (
    needs('setpriv', 'unshare', 'ip', 'nsenter') ||
    (tried.status === 0 ? false : 'a network namespace cannot be made here')
  );
}

test('auto: in a pod the sockets of the app’s uid count where its descriptors may not be read', {
  skip: missing,
}, async () => {
  await using run = await startPuppet([...BRISK, '--log-level', 'debug'], {
    prefix: [...OWN_NETWORK, ...WITHOUT_PTRACE],
  });
  await run.puppet.tell({ do: 'become', uid: NOBODY });
  // Somebody else's socket in the same pod: a sidecar's.
  const sidecar = inNetworkOf(
    run.puppet.pid,
    "require('net').createServer().listen(0, '0.0.0.0', () => console.log('up'))",
  );
  try {
    await until('the sidecar listens', () => sidecar.output().includes('up'), sidecar.output);
    await using waits = watch(run.puppet.pid, '/startupz', String((await run.line('starting'))['health']));
    await until('nothing of it found', () => waits.seen().includes(NOTHING), run.stderr);
    assert.ok(!run.events().includes('started'));
    await run.puppet.tell({ do: 'listen', port: 0, host: '0.0.0.0' });
    await run.line('ready');
    assert.ok((await run.puppet.tell<number>({ do: 'accepted' })) >= 1);
    await run.puppet.tell({ do: 'unlisten' });
    assert.equal((await run.line('unready'))['reason'], NOTHING.trim());
    await run.puppet.tell({ do: 'listen', port: 0, host: '127.0.0.1' });
    await run.line('warning', ({ msg }) => /loopback only/.test(msg));
  } finally {
    sidecar.child.kill('SIGKILL');
  }
});

test('auto: a zombie among the app’s children is no reason to count the sockets of others with its uid', {
  skip: missing,
}, async () => {
  const asNobody = ['setpriv', '--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups'];
  using copy = readableCopy();
  const prefix = [...OWN_NETWORK, ...asNobody];
  await using run = start(BRISK, ['sh', '-c', 'true & exec sleep 1000'], { ...copy, prefix });
  const app = await run.appPid();
  const sidecar = inNetworkOf(
    app,
    `process.setuid(${NOBODY}); require('net').createServer().listen(0, '0.0.0.0', () => console.log('up'))`,
  );
  try {
    await until('the sidecar listens', () => sidecar.output().includes('up'), sidecar.output);
    await until('the zombie is there', () => zombiesOf(app) > 0, run.stderr);
    await using waits = watch(app, '/startupz', String((await run.line('starting'))['health']));
    await until('nothing of it found', () => waits.seen().split(NOTHING).length > 3, run.stderr);
    assert.ok(!run.events().includes('started'), run.stderr());
  } finally {
    sidecar.child.kill('SIGKILL');
  }
});

function zombiesOf(parent: number): number {
  return listProcesses().filter((stat) => stat.parent === parent && stat.state === 'Z').length;
}

test('auto: on the host’s network an app of another uid is not ready, and a warning names --ready tcp://', {
  skip:
    missing || (existsSync('/proc/sys/net/core/netdev_budget') ? false : 'this is not the host’s network namespace'),
}, async () => {
  await using run = await startPuppet(BRISK, { prefix: WITHOUT_PTRACE });
  await run.puppet.tell({ do: 'become', uid: NOBODY });
  await run.puppet.tell({ do: 'listen', port: 0, host: '0.0.0.0' });
  const { msg } = await run.line('warning');
  assert.match(msg, /--ready tcp:\/\//);
  assert.match((await run.get('/startupz')).body, /may not be read/);
});

/** Runs a script in the network namespace of a process. */
function inNetworkOf(pid: number, script: string): { readonly child: ChildProcess; readonly output: () => string } {
  const child = spawn('nsenter', ['--target', String(pid), '--net', process.execPath, '-e', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return { child, output: () => output };
}

/** Asks an endpoint there, over and over, for what is in the namespace cannot be asked from out here. */
function watch(pid: number, path: string, health: string): AsyncDisposable & { readonly seen: () => string } {
  const url = `${health.replace('[::]', '127.0.0.1')}${path}`;
  const script = `setInterval(() => fetch(${JSON.stringify(url)}).then((r) => r.text()).then(console.log, () => {}), 50)`;
  const { child, output } = inNetworkOf(pid, script);
  return {
    seen: output,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
    },
  };
}
