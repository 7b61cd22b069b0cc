import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { EXAMPLES, hello, nothingLeft, SHORT_DELAY, startExample, stopInOrder } from '../../rig/example.ts';
import { freePort } from '../../rig/free-port.ts';
import { needs } from '../../rig/needs.ts';
import { noJdk } from '../../rig/other-runtimes.ts';
import { ask, type Supervised } from '../../rig/supervised.ts';

type Folder = Disposable & { readonly path: string };
function folder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'example-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** A request in flight at the signal is answered. */
async function answersThroughTheEnd(run: Supervised, slow: Promise<{ status: number }>): Promise<void> {
  run.kill('SIGTERM');
  await run.line('stopping');
  assert.equal((await slow).status, 200);
  assert.deepEqual(await run.ended(), { code: 0, signal: null });
}

test('java: SIGQUIT prints the threads and stops nothing; SIGTERM runs the hooks, and 143 is made 0', {
  skip: noJdk(),
}, async () => {
  const port = await freePort();
  const options = [...SHORT_DELAY, '--remap-exit', '143:0'];
  await using run = startExample('java', options, ['java', 'Server.java'], port);
  await run.line('ready');
  run.kill('SIGQUIT');
  await until('the thread dump', () => run.stdout().includes('Full thread dump'), run.stderr);
  await hello(port);
  assert.ok(!run.events().includes('terminating'), 'no shutdown was started');
  await stopInOrder(run, 0, 'SIGTERM');
  assert.match(run.stdout(), /server stopped/);
});

function client(port: number): Disposable & { readonly socket: Socket; readonly answer: () => string } {
  let answer = '';
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {}).setEncoding('utf8');
  socket.on('data', (text) => {
    answer += text;
  });
  return { socket, answer: () => answer, [Symbol.dispose]: () => void socket.destroy() };
}

test('static: the server finishes requests in flight, and does not wait for silent clients', {
  skip: needs('gcc'),
}, async () => {
  using made = folder();
  const server = join(made.path, 'server');
  const { status, stderr } = spawnSync('gcc', ['-O2', '-static', '-Wall', '-Werror', '-o', server, 'server.c'], {
    cwd: join(EXAMPLES, 'static'),
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  const port = await freePort();
  await using run = startExample(made.path, [...SHORT_DELAY, '--drain-connections=off'], [server], port);
  await run.line('ready');
  using silent = client(port);
  using slow = client(port);
  await until('both are connected', () => silent.socket.readyState === 'open' && slow.socket.readyState === 'open');
  slow.socket.write('GET / HTTP/1.1\r\nHost: a\r\n');
  await hello(port);
  const session = await run.appPid();
  run.kill('SIGTERM');
  await run.line('stopping');
  assert.equal(slow.answer(), '', 'half a request has no answer');
  slow.socket.write('\r\n');
  await until('the answer', () => slow.answer().endsWith('hello\n'), run.stderr);
  silent.socket.destroy();
  assert.deepEqual(await run.ended(), { code: 0, signal: null });
  await nothingLeft(session);
});

test('cron: a job that ends by itself keeps its code, 0', async () => {
  await using run = startExample('cron', ['--ready', 'process'], ['env', 'STEP_SECONDS=0', 'sh', 'job.sh'], 0);
  assert.deepEqual(await run.ended(), { code: 0, signal: null });
  assert.match(run.stdout(), /step 3\ndone\n$/);
});

test('cron: a job that is told to stop gets the signal at once, and keeps its code', async () => {
  await using run = startExample('cron', ['--ready', 'process'], ['env', 'STEP_SECONDS=1000', 'sh', 'job.sh'], 0);
  await until('a step is under way', () => run.stdout().includes('step 1'), run.stderr);
  const session = await run.appPid();
  run.kill('SIGTERM');
  assert.equal((await run.line('stopping'))['delaySkipped'], 'listens on nothing');
  assert.deepEqual(await run.ended(), { code: 75, signal: null });
  assert.match(run.stdout(), /stopped early/);
  await nothingLeft(session);
});

test('npm start: the server behind npm and its shell hears SIGTERM and drains', async () => {
  const port = await freePort();
  await using run = startExample('npm-start', SHORT_DELAY, ['npm', 'start'], port);
  await run.line('ready');
  await hello(port);
  const session = await run.appPid();
  run.kill('SIGTERM');
  await run.line('stopping');
  await run.ended();
  await until('the server has drained', () => run.stdout().includes('server drained'), run.stderr);
  assert.ok(!run.events().includes('killing'));
  await nothingLeft(session);
});

const GUNICORN = needs('gunicorn');
const WORKERS: Readonly<Record<string, { skip: string | false; words: readonly string[] }>> = {
  'its own workers': { skip: GUNICORN, words: ['app:app'] },
  'the workers of uvicorn': {
    skip: GUNICORN || needs('uvicorn'),
    words: ['--worker-class', 'uvicorn.workers.UvicornWorker', 'app_async:app'],
  },
};
for (const [name, { skip, words }] of Object.entries(WORKERS)) {
  test(`gunicorn with ${name}: only the master is signalled, and the request in flight is answered`, {
    skip,
  }, async () => {
    const port = await freePort();
    const command = [
      'env',
      'PYTHONDONTWRITEBYTECODE=1',
      'gunicorn',
      '--bind',
      `127.0.0.1:${port}`,
      '--workers',
      '2',
      ...words,
    ];
    await using run = startExample('gunicorn', ['--shutdown-delay', '0', '--signal-scope', 'process'], command, port);
    await run.line('ready');
    await until('both workers are up', () => run.stderr().match(/Booting worker/g)?.length === 2, run.stderr);
    await hello(port);
    const session = await run.appPid();
    const slow = ask(`http://127.0.0.1:${port}/slow`);
    await until('the request is in flight', () => run.stdout().includes('busy'), run.stderr);
    await answersThroughTheEnd(run, slow);
    await nothingLeft(session);
  });
}
