import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { EXAMPLES, hello, nothingLeft, SHORT_DELAY, sessionOf, startExample, stopInOrder } from '../../rig/example.ts';
import { freePort } from '../../rig/free-port.ts';
import { needs } from '../../rig/needs.ts';
import { ask } from '../../rig/supervised.ts';

const NO_NGINX = needs('nginx');

const MASTER_AND_WORKERS = 3;

test('node-abrupt: a server without a handler serves during the delay and dies of the signal', async () => {
  const port = await freePort();
  await using run = startExample('node-abrupt', SHORT_DELAY, ['node', 'server.js'], port);
  await run.line('ready');
  await hello(port);
  await stopInOrder(run, 143, 'SIGTERM');
  assert.equal((await run.line('exited'))['signal'], 'SIGTERM');
});

test('node-graceful: a server that drains by itself keeps its own exit code', async () => {
  const port = await freePort();
  await using run = startExample('node-graceful', SHORT_DELAY, ['node', 'server.js'], port);
  await run.line('ready');
  await hello(port);
  await stopInOrder(run, 0, 'SIGTERM');
});

test("python: Python's own web server serves during the delay and dies of the signal, unmodified", {
  skip: needs('python3'),
}, async () => {
  const port = await freePort();
  await using run = startExample('python', SHORT_DELAY, ['python3', '-m', 'http.server', String(port)], port);
  await run.line('ready');
  assert.equal((await ask(`http://127.0.0.1:${port}/`)).status, 200);
  await stopInOrder(run, 143, 'SIGTERM');
});

/** The example's configuration with another port, in a folder that nginx may write to. */
async function nginxFolder(port: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nginx-'));
  const text = await readFile(join(EXAMPLES, 'nginx/nginx.conf'), 'utf8');
  await writeFile(join(folder, 'nginx.conf'), text.replace('listen 8080;', `listen ${port};`));
  await mkdir(join(folder, 'tmp'));
  return folder;
}

const NGINX = ['nginx', '-e', 'stderr', '-p', '.', '-c', 'nginx.conf'];

test('nginx: k8s-run gets SIGTERM and sends QUIT to nginx', { skip: NO_NGINX }, async () => {
  const port = await freePort();
  const folder = await nginxFolder(port);
  try {
    await using run = startExample(folder, [...SHORT_DELAY, '--stop-signal', 'QUIT'], NGINX, port);
    await run.line('ready');
    await hello(port);
    await stopInOrder(run, 0, 'SIGQUIT');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("nginx: an image's STOPSIGNAL QUIT is passed on without a delay, and the log names --stop-on", {
  skip: NO_NGINX,
}, async () => {
  const port = await freePort();
  const folder = await nginxFolder(port);
  try {
    await using run = startExample(folder, SHORT_DELAY, NGINX, port);
    await run.line('ready');
    await hello(port);
    const session = await run.appPid();
    run.kill('SIGQUIT');
    assert.deepEqual(await run.ended(), { code: 0, signal: null });
    const exited = await run.line('exited');
    assert.deepEqual([exited.level, exited['passedOn']], ['warn', 'SIGQUIT']);
    assert.match(exited.msg, /--stop-on QUIT,TERM,INT/);
    assert.ok(!run.events().includes('terminating'), 'no shutdown was started');
    await nothingLeft(session);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("nginx: with --stop-on QUIT an image's STOPSIGNAL QUIT starts the shutdown with its delay", {
  skip: NO_NGINX,
}, async () => {
  const port = await freePort();
  const folder = await nginxFolder(port);
  try {
    const options = [...SHORT_DELAY, '--stop-on', 'QUIT,TERM,INT', '--stop-signal', 'QUIT'];
    await using run = startExample(folder, options, NGINX, port);
    await run.line('ready');
    run.kill('SIGQUIT');
    await run.line('terminating');
    await hello(port);
    assert.deepEqual(await run.ended(), { code: 0, signal: null });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('prefork: only the master is signalled, and the request in flight is answered', {
  skip: needs('python3'),
}, async () => {
  const port = await freePort();
  const options = ['--shutdown-delay', '0', '--signal-scope', 'process'];
  await using run = startExample('prefork', options, ['python3', 'server.py'], port);
  await run.line('ready');
  const session = await run.appPid();
  await until('master and workers', async () => (await sessionOf(session)).length === MASTER_AND_WORKERS);
  const slow = ask(`http://127.0.0.1:${port}/slow`);
  await until('a worker has the request in flight', () => run.stdout().includes('is busy'), run.stderr);
  run.kill('SIGTERM');
  await run.line('stopping');
  assert.equal((await slow).status, 200);
  assert.deepEqual(await run.ended(), { code: 0, signal: null });
  assert.match(run.stdout(), /warm shutdown/);
  await nothingLeft(session);
});

test('shell: the server behind `sh -c` hears SIGTERM and drains; the exit code is the one of the shell', async () => {
  const port = await freePort();
  // dash is Debian's sh; others replace themselves by the last command, and then the server is the app.
  const words = ['sh', '-c', 'echo migrating; node server.js; exit $?'];
  await using run = startExample('shell', SHORT_DELAY, words, port);
  await run.line('ready');
  await hello(port);
  await stopInOrder(run, 143, 'SIGTERM');
  assert.match(run.stdout(), /migrating\nserver drained/);
});

test('shell: with exec the server itself is the app', async () => {
  const port = await freePort();
  await using run = startExample('shell', SHORT_DELAY, ['sh', '-c', 'echo migrating; exec node server.js'], port);
  await run.line('ready');
  await stopInOrder(run, 0, 'SIGTERM');
});

test('worker: it is ready without a port, has no delay, and finishes the job in progress', async () => {
  // No --shutdown-delay here: the delay is kept where it was chosen.
  await using run = startExample('worker', ['--ready', 'process'], ['node', 'worker.js'], 0);
  await run.line('ready');
  const session = await run.appPid();
  await until('a job is in flight', () => run.stdout().includes('job 1 begun'), run.stderr);
  run.kill('SIGTERM');
  assert.equal((await run.line('stopping'))['delaySkipped'], 'listens on nothing');
  assert.deepEqual(await run.ended(), { code: 0, signal: null });
  const jobs = run.stdout().trim().split('\n');
  assert.match(jobs.at(-1) ?? '', /^job \d+ done$/);
  await nothingLeft(session);
});
