import assert from 'node:assert/strict';
import { Agent, get } from 'node:http';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../rig/deadline.ts';
import { noFfi } from '../../rig/ffi.ts';
import { freePort } from '../../rig/free-port.ts';
import { needs } from '../../rig/needs.ts';
import { type Line, start } from '../../rig/supervised.ts';

/** Longer than any test, which ends k8s-run when it has seen enough. */
const SHUTDOWN = ['--ready', 'none', '--shutdown-delay', '1h'];
const NODE_APP = `
const server = require('node:http').createServer((request, response) => response.end('served'));
server.keepAliveTimeout = 600000;
server.listen(Number(process.argv[1]), '127.0.0.1', () => console.log('up'));
`;
const PYTHON_APP = `
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        self.send_response(200)
        self.send_header('content-length', '6')
        self.end_headers()
        self.wfile.write(b'served')
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), Handler)
print('up', flush=True)
server.serve_forever()
`;
const nodeApp = (port: number): readonly string[] => [process.execPath, '--eval', NODE_APP, String(port)];

type Client = AsyncDisposable & { readonly answered: () => number };

/** Sends request after request on one connection that it keeps, at the pace of a client with something else to do. */
function keepingClient(port: number): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let ended = false;
  let answered = 0;
  const once = (): Promise<void> =>
    new Promise((resolve) => {
      get({ host: '127.0.0.1', port, agent }, (response) => {
        response.resume().on('end', () => {
          answered += 1;
          resolve();
        });
      }).on('error', () => resolve());
    });
  const all = (async () => {
    while (!ended) {
      await once();
      await sleep(20);
    }
  })();
  return {
    answered: () => answered,
    async [Symbol.asyncDispose]() {
      ended = true;
      agent.destroy();
      await all;
    },
  };
}

const isHint = (line: Line): boolean => line['reason'] === 'kept-alive connections';

/** Begins a shutdown while a client goes on for many requests, with the hint that is to come; returns all hints. */
async function hintsIn(options: readonly string[], app: readonly string[], port: number, comes: boolean) {
  await using run = start([...options, ...SHUTDOWN], app);
  await until('the app listens', () => run.stdout().includes('up'), run.stderr);
  await using client = keepingClient(port);
  await until('requests on the kept connection', () => client.answered() > 2, run.stderr);
  run.kill('SIGTERM');
  await run.line('terminating');
  if (comes) await run.line('warning', isHint);
  const before = client.answered();
  await until('many more requests', () => client.answered() > before + 30, run.stderr);
  return run.lines().filter(isHint);
}

test('requests on kept-alive connections during the shutdown of a Node app: one hint that names --node-drain', {
  skip: noFfi,
}, async () => {
  const port = await freePort();
  const hints = await hintsIn([], nodeApp(port), port, true);
  assert.equal(hints.length, 1);
  assert.match(hints[0]?.msg ?? '', /--node-drain/);
});

test('the hint comes for a Node behind a shell too, and names what was started', { skip: noFfi }, async () => {
  const port = await freePort();
  const hints = await hintsIn([], ['sh', '-c', '"$@"; exit $?', 'sh', ...nodeApp(port)], port, true);
  assert.deepEqual(
    hints.map(({ msg }) => /requests to (\S+) on/.exec(msg)?.[1]),
    ['sh'],
  );
});

test('there is no hint for an app that is told of the shutdown', { skip: noFfi }, async () => {
  for (const options of [['--node-drain'], ['--events'], ['--drain-signal', 'WINCH']]) {
    const port = await freePort();
    assert.deepEqual(await hintsIn(options, nodeApp(port), port, false), [], options.join(' '));
  }
});

test('a --node-drain that does not reach the app is said once, when a client stays', { skip: noFfi }, async () => {
  const port = await freePort();
  const hints = await hintsIn(['--node-drain'], ['env', '-u', 'NODE_OPTIONS', ...nodeApp(port)], port, true);
  assert.equal(hints.length, 1);
  assert.match(hints[0]?.msg ?? '', /--node-drain has no effect/);
});

test('there is no hint for a server that is not Node', { skip: noFfi || needs('python3') }, async () => {
  const port = await freePort();
  assert.deepEqual(await hintsIn([], ['python3', '-c', PYTHON_APP, String(port)], port, false), []);
});

test('there is no hint for a client that keeps its connection and sends nothing more', { skip: noFfi }, async () => {
  const port = await freePort();
  await using run = start(['--ready', 'none', '--shutdown-delay', '1s'], nodeApp(port));
  await until('the app listens', () => run.stdout().includes('up'), run.stderr);
  const agent = new Agent({ keepAlive: true });
  try {
    await new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port, agent }, (response) => response.resume().on('end', resolve)).on('error', reject);
    });
    run.kill('SIGTERM');
    await run.line('terminating');
    // The end of a connection is no request.
    agent.destroy();
    await run.ended();
    assert.deepEqual(run.lines().filter(isHint), []);
  } finally {
    agent.destroy();
  }
});
