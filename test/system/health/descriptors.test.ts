import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { type Supervised, start } from '../../rig/supervised.ts';

/** Node raises its soft limit to the hard one, so both are set. */
const FEW = ['sh', '-c', 'ulimit -n 64; exec "$@"', 'sh'];

type Idle = Disposable & { readonly open: () => number; readonly closed: () => number };

/** Connections that send nothing. */
function idleConnections(port: number, count: number): Idle {
  let open = 0;
  let closed = 0;
  const sockets: readonly Socket[] = Array.from({ length: count }, () => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('error', () => {});
    socket.once('connect', () => (open += 1)).once('close', () => (closed += 1));
    // A socket that is not read does not notice its end.
    return socket.resume();
  });
  return {
    open: () => open,
    closed: () => closed,
    [Symbol.dispose]: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function portOf(run: Supervised): Promise<number> {
  return Number(new URL(String((await run.line('starting'))['health'])).port);
}

test('with 64 descriptors, 120 idle connections do not keep the kubelet from its answer', async () => {
  await using run = start(['--ready=none'], ['sleep', '300'], { prefix: FEW });
  await run.line('ready');
  using idle = idleConnections(await portOf(run), 120);
  await until('all have connected, and the oldest made room', () => idle.open() === 120 && idle.closed() > 60);
  for (let asked = 0; asked < 5; asked += 1) assert.equal((await run.get('/readyz')).status, 200);
  assert.ok(!run.events().includes('fault'), run.stderr());
});

test('with 64 descriptors, 80 idle connections while k8s-run waits do not keep the app from its start', async () => {
  const awaited = createServer((socket) => socket.destroy());
  try {
    // The port is taken and given back, so that nothing listens there until the test wants it.
    await new Promise<void>((resolve) => awaited.listen(0, '127.0.0.1', resolve));
    const address = awaited.address();
    const target = typeof address === 'object' && address !== null ? address.port : 0;
    await new Promise((resolve) => awaited.close(resolve));
    const options = ['--ready=exec:true', `--wait-for=tcp://127.0.0.1:${target}`];
    await using run = start(options, ['sh', '-c', 'echo here; exec sleep 300'], { prefix: FEW });
    using idle = idleConnections(await portOf(run), 80);
    await until('all have connected, and the oldest made room', () => idle.open() === 80 && idle.closed() > 20);
    awaited.listen(target, '127.0.0.1');
    await run.line('ready');
    await until('the app', () => /^here$/m.test(run.stdout()), run.stderr);
    assert.equal((await run.get('/readyz')).status, 200);
    assert.deepEqual(
      run.lines().filter(({ level }) => level === 'error'),
      [],
    );
  } finally {
    awaited.close();
  }
});
