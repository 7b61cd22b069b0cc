import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { noNamespace } from '../../rig/namespace.ts';
import { needs } from '../../rig/needs.ts';
import { start } from '../../rig/supervised.ts';
import { clientOf } from './client.ts';

/** Not `auto`, whose connection one of them would take for a client's. */
const LONG = ['--ready', 'process', '--shutdown-delay', '50ms', '--drain-connections', '1h'];

/**
 * Servers whose connections are held by other processes than the app's first. Each prints its port, and answers a request
 * only when it gets SIGUSR1, which goes to its whole group.
 */
const SERVERS: Readonly<Record<string, readonly string[]>> = {
  'a socket that forked workers inherited': [
    'python3',
    '-uc',
    `
import os, signal, socket
s = socket.socket(); s.bind(('', 0)); s.listen(16)
go = os.pipe()
signal.signal(signal.SIGUSR1, lambda *_: os.write(go[1], b'go'))
print(s.getsockname()[1])
for _ in range(2):
    if os.fork() == 0:
        c, _ = s.accept(); c.recv(9999); os.read(go[0], 1)
        c.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Length: 9\\r\\n\\r\\nreleased\\n'); c.close()
        signal.pause()
s.close()
while True: signal.pause()
`,
  ],
  'two sockets with SO_REUSEPORT': [
    'python3',
    '-uc',
    `
import os, signal, socket
def bound(port):
    s = socket.socket(socket.AF_INET6); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    s.bind(('::', port)); s.listen(16); return s
first = bound(0); port = first.getsockname()[1]
go = os.pipe()
signal.signal(signal.SIGUSR1, lambda *_: os.write(go[1], b'go'))
ready = os.pipe()
if os.fork() == 0:
    first.close(); first = bound(port); os.write(ready[1], b'1')
else:
    os.read(ready[0], 1); print(port)
c, _ = first.accept(); c.recv(9999); os.read(go[0], 1)
c.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Length: 9\\r\\n\\r\\nreleased\\n'); c.close()
while True: signal.pause()
`,
  ],
  'node:cluster': [process.execPath, new URL('../../rig/cluster-app.js', import.meta.url).pathname],
};

for (const [name, command] of Object.entries(SERVERS)) {
  const skip = command[0] === 'python3' && needs('python3');
  test(`a request that a worker has in flight is waited for: ${name}`, { skip }, async () => {
    await using run = start(LONG, command);
    const port = Number(await until('the port', () => /^(\d+)\n/.exec(run.stdout())?.[1], run.stderr));
    await run.line('ready');
    using client = clientOf(port);
    const answer = client.get('/');
    run.kill('SIGTERM');
    await run.line('draining');
    await until('it is seen', async () => {
      const { state, shutdown } = JSON.parse((await run.get('/statusz')).body);
      return state === 'draining' && shutdown.connections?.busy === 1;
    });
    run.kill('SIGUSR1');
    assert.equal(await answer, 'released\n');
    assert.equal((await run.line('stopping'))['waitEnded'], 'none busy');
    await run.ended();
  });
}

test('the connections of an app in a network namespace of its own are counted there', {
  skip: noNamespace || needs('ip', 'python3'),
}, async () => {
  const server = `
import socket, signal, threading
s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(4)
c = socket.create_connection(s.getsockname()); c.sendall(b'a question')
a, _ = s.accept(); a.recv(99)
go = threading.Event()
signal.signal(signal.SIGUSR1, lambda *_: (a.close(), c.close()))
print('asked')
while True: signal.pause()
`;
  const words = ['unshare', '--net', 'sh', '-c', 'ip link set lo up; exec python3 -uc "$0"', server];
  await using run = start(LONG, words);
  await until('it has asked itself', () => run.stdout().includes('asked'), run.stderr);
  await run.line('ready');
  run.kill('SIGTERM');
  await run.line('draining');
  await until('it is seen', async () => {
    const { state, shutdown } = JSON.parse((await run.get('/statusz')).body);
    return state === 'draining' && shutdown.connections?.busy === 1;
  });
  run.kill('SIGUSR1');
  assert.equal((await run.line('stopping'))['waitEnded'], 'none busy');
  await run.ended();
});
