import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { soon, until } from '../../rig/deadline.ts';
import { type Supervised, start } from '../../rig/supervised.ts';

const SLEEP = ['sleep', '300'];
/** What a flood may cost at most. */
const SLACK_KIB = 16 * 1024;

type Client = { readonly socket: Socket; readonly text: () => string; readonly closed: Promise<void> };

async function healthy(): Promise<Supervised & { readonly port: number }> {
  const run = start(['--ready', 'none'], SLEEP);
  await run.line('ready');
  const { port } = new URL(String((await run.line('starting'))['health']));
  return { ...run, port: Number(port) };
}

/** Connects, sends, and keeps what comes back; a refusal or reset is told by `text` alone. */
function call(port: number, words: string): Client {
  const socket = connect({ host: '127.0.0.1', port });
  let text = '';
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part;
  });
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.write(words);
  return { socket, text: () => text, closed };
}

async function anonymousMemory(pid: number): Promise<number> {
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

async function openDescriptors(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

async function isUnharmed(run: Supervised): Promise<void> {
  assert.equal((await run.get('/readyz')).status, 200);
  assert.ok(!run.events().includes('fault'), run.stderr());
}

for (const [what, words, reply] of [
  [
    'a head beyond all measure',
    `GET /readyz HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    /^HTTP\/1\.1 431 /,
  ],
  ['garbage', '\x16\x03\x01\x02\0 this is no HTTP\r\n\r\n', /^HTTP\/1\.1 400 /],
  ['a request without an end of its own', 'GET\r\n\r\n', /^HTTP\/1\.1 400 /],
  ['HTTP/1.1 without a host', 'GET /readyz HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 /],
] as const) {
  test(`the health server refuses ${what}, and closes the connection`, async () => {
    await using run = await healthy();
    const client = call(run.port, words);
    await soon('the end of the connection', client.closed, client.text);
    assert.match(client.text(), reply);
    await isUnharmed(run);
  });
}

test('the health server answers requests that come in one packet in their order', async () => {
  await using run = await healthy();
  const paths = ['/readyz', '/nowhere', '/livez?verbose', '/statusz'];
  const client = call(
    run.port,
    paths
      .map((path, index) => {
        const last = index === paths.length - 1 ? 'Connection: close\r\n' : '';
        return `GET ${path} HTTP/1.1\r\nHost: a\r\n${last}\r\n`;
      })
      .join(''),
  );
  await soon('the end of the connection', client.closed, client.text);
  const statuses = [...client.text().matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));
  assert.deepEqual(statuses, [200, 404, 200, 200]);
  await isUnharmed(run);
});

test('the health server does not wait for the body of a request', async () => {
  await using run = await healthy();
  const client = call(run.port, 'POST /readyz HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n');
  await until('the refusal', () => client.text().startsWith('HTTP/1.1 405 '), client.text);
  assert.match(client.text(), /\r\nconnection: close\r\n/i);
  client.socket.destroy();
  await isUnharmed(run);
});

test('the health server opens no tunnel for CONNECT', async () => {
  await using run = await healthy();
  const client = call(run.port, 'CONNECT example:80 HTTP/1.1\r\nHost: example:80\r\n\r\n');
  await soon('the end of the connection', client.closed, client.text);
  assert.match(client.text(), /^HTTP\/1\.1 405 [\s\S]*\r\nAllow: GET, HEAD\r\n/);
  await isUnharmed(run);
});

test('clients that send their head byte by byte are cut off in the end, and delay no other client', async () => {
  await using run = await healthy();
  const slow = Array.from({ length: 30 }, () => call(run.port, 'GET /readyz HTTP/1.1\r\nHost: '));
  const drip = setInterval(() => slow.forEach(({ socket }) => void (socket.writable && socket.write('a'))), 100);
  try {
    await isUnharmed(run);
    await soon('all are cut off', Promise.all(slow.map(({ closed }) => closed)));
    await isUnharmed(run);
  } finally {
    clearInterval(drip);
    for (const { socket } of slow) socket.destroy();
  }
});

test('a thousand idle connections to the health server neither block the kubelet nor fill the memory', async () => {
  await using run = await healthy();
  const before = await anonymousMemory(run.pid);
  const idle = Array.from({ length: 1_000 }, () => call(run.port, ''));
  let gone = 0;
  for (const { socket } of idle) socket.once('close', () => (gone += 1));
  try {
    await until(
      'the oldest make room',
      () => gone >= 700,
      () => `${gone} gone`,
    );
    await isUnharmed(run);
    const grown = (await anonymousMemory(run.pid)) - before;
    assert.ok(grown < SLACK_KIB, `${grown} KiB more`);
  } finally {
    for (const { socket } of idle) socket.destroy();
  }
});

test('a million requests whose responses are not read cost their connection, and no memory', async () => {
  await using run = await healthy();
  const [before, descriptors] = [await anonymousMemory(run.pid), await openDescriptors(run.pid)];
  const request = 'GET /statusz HTTP/1.1\r\nHost: a\r\n\r\n';
  let connected = 0;
  const deaf = Array.from({ length: 20 }, () => {
    const client = call(run.port, '');
    client.socket.once('connect', () => {
      connected += 1;
    });
    client.socket.pause().write(request.repeat(50_000));
    return client;
  });
  try {
    // Counted, because the first may be hung up on before the last has connected.
    await until('all have connected', () => connected === deaf.length);
    // It is accepted after all of them.
    await isUnharmed(run);
    // A client that does not read does not notice, so the server's side is looked at.
    await until('all are hung up on', async () => (await openDescriptors(run.pid)) <= descriptors);
    const grown = (await anonymousMemory(run.pid)) - before;
    assert.ok(grown < SLACK_KIB, `${grown} KiB more`);
  } finally {
    for (const { socket } of deaf) socket.destroy();
  }
});

test('clients that leave before their response cause no fault', async () => {
  await using run = await healthy();
  for (let round = 0; round < 10; round += 1) {
    const hasty = Array.from({ length: 20 }, () => call(run.port, 'GET /statusz HTTP/1.1\r\nHost: a\r\n\r\n'));
    for (const { socket } of hasty) socket.once('connect', () => socket.resetAndDestroy());
    await soon('all have left', Promise.all(hasty.map(({ closed }) => closed)));
  }
  await isUnharmed(run);
});
