import assert from 'node:assert/strict';
import { Agent, get, type IncomingMessage } from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { soon, until } from '../../rig/deadline.ts';
import { nodes } from '../../rig/other-nodes.ts';
import { type Start, type Supervised, start } from '../../rig/supervised.ts';

const APP = new URL('../../rig/serving-app.cjs', import.meta.url).pathname;
/** Long enough for a busy machine to do what each test does meanwhile. */
const OPTIONS = ['--node-drain', '--ready', 'none', '--shutdown-delay', '4s'];

type Ports = { readonly http: number; readonly h2c: number };
type Answer = { readonly body: string; readonly connection: string | undefined };

async function serving(
  node: string,
  words: readonly string[] = [],
  how: Start = {},
  more: readonly string[] = [],
): Promise<Supervised & Ports> {
  const run = start([...OPTIONS, ...more], [node, APP, ...words], how);
  const printed = await until('the ports of the app', () => /^\{.*\}$/m.exec(run.stdout())?.[0], run.stderr);
  return { ...run, ...(JSON.parse(printed) as Ports) };
}

async function terminate(run: Supervised): Promise<void> {
  run.kill('SIGTERM');
  await run.line('terminating');
}

function request(port: number, path: string, agent: Agent | false = false): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = get({
      host: '127.0.0.1',
      port,
      path,
      agent: agent === false ? new Agent({ keepAlive: true }) : agent,
    });
    call.on('error', reject).on('response', (response: IncomingMessage) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      response.on('end', () => resolve({ body, connection: response.headers.connection }));
    });
  });
}

/** The preload hears of the shutdown through a socket of its own, so the first answers may still be without. */
async function untilClosing(port: number): Promise<Answer> {
  let answer: Answer | null = null;
  await until('an answer with Connection: close', async () => {
    answer = await request(port, '/');
    return answer.connection === 'close';
  });
  return answer as unknown as Answer;
}

function streamOf(session: ClientHttp2Session, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': path });
    let body = '';
    stream.setEncoding('utf8').on('data', (part: string) => {
      body += part;
    });
    stream.on('error', reject).on('end', () => resolve(body));
    stream.end();
  });
}

for (const { name, path, skip } of nodes()) {
  describe(`--node-drain with ${name}`, { skip }, () => {
    test('HTTP/1.1 responses carry Connection: close while terminating, those under way at its beginning too', async () => {
      await using run = await serving(path);
      assert.deepEqual(await request(run.http, '/'), { body: 'served', connection: 'keep-alive' });
      const held = request(run.http, '/held');
      await terminate(run);
      assert.equal((await untilClosing(run.http)).body, 'served');
      await request(run.http, '/release');
      assert.deepEqual(await held, { body: 'held', connection: 'close' });
    });

    test('kept-alive connections that stay idle are closed before the app gets its signal', async () => {
      await using run = await serving(path);
      const agents = Array.from({ length: 3 }, () => new Agent({ keepAlive: true }));
      for (const agent of agents) await request(run.http, '/', agent);
      const sockets = agents.flatMap((agent) => Object.values(agent.freeSockets).flat());
      assert.equal(sockets.length, 3);
      await terminate(run);
      await until('the idle connections are closed', () => sockets.every((socket) => socket?.destroyed), run.stderr);
      assert.ok(!run.events().includes('stopping'), run.stderr());
    });

    test('an idle connection is not closed by an app that was busy when its next request came', async () => {
      await using run = await serving(path);
      const agents = Array.from({ length: 3 }, () => new Agent({ keepAlive: true }));
      for (const agent of agents) await request(run.http, '/', agent);
      const socketOf = (agent: Agent): Socket | undefined => Object.values(agent.freeSockets).flat()[0];
      await terminate(run);
      await until('the first is closed', () => agents.some((agent) => socketOf(agent) === undefined), run.stderr);
      const busy = request(run.http, '/busy');
      await until('the app is busy', () => run.stdout().includes('busy\n'), run.stderr);
      // On a machine that is slow all are closed by then.
      const left = agents.filter((agent) => socketOf(agent) !== undefined);
      const answers = await Promise.all(left.map((agent) => request(run.http, '/', agent)));
      assert.deepEqual(
        answers.map(({ body }) => body),
        left.map(() => 'served'),
      );
      assert.equal((await busy).body, 'was busy');
    });

    test('an HTTP/2 session gets GOAWAY, and its streams in flight are finished', async () => {
      await using run = await serving(path);
      const session = connectHttp2(`http://127.0.0.1:${run.h2c}`).on('error', () => {});
      const goaway = new Promise<number>((resolve) => session.once('goaway', resolve));
      assert.equal(await streamOf(session, '/'), 'served');
      const held = streamOf(session, '/held');
      await until('the request is held', async () => (await streamOf(session, '/')) === 'served');
      await terminate(run);
      assert.equal(await soon('GOAWAY', goaway, run.stderr), 0);
      const other = connectHttp2(`http://127.0.0.1:${run.h2c}`).on('error', () => {});
      const second = new Promise<number>((resolve) => other.once('goaway', resolve));
      assert.equal(await streamOf(other, '/release'), 'released', 'a client that connects late is served');
      assert.equal(await held, 'held');
      assert.equal(await soon('GOAWAY for the late client', second, run.stderr), 0);
      assert.ok(!run.events().includes('stopping'), run.stderr());
    });

    test('a stream in flight holds the signal although its session has answered another one since', async () => {
      await using run = await serving(path, [], {}, ['--drain-connections', '5s']);
      const session = connectHttp2(`http://127.0.0.1:${run.h2c}`).on('error', () => {});
      const held = streamOf(session, '/held').catch(() => 'cut');
      await until('the request is held', async () => (await streamOf(session, '/')) === 'served');
      await terminate(run);
      // Busy until the limit comes, or the moment before it that looks best.
      assert.notEqual((await run.line('stopping'))['waitEnded'], 'none busy', run.stderr());
      await held;
    });

    test('a WebSocket client gets a close frame with 1001 before the app gets its signal', async () => {
      await using run = await serving(path);
      const client = new WebSocket(`ws://127.0.0.1:${run.http}/`);
      const echoed = new Promise<unknown>((resolve) => {
        client.onmessage = ({ data }) => resolve(data);
      });
      const closed = new Promise<number>((resolve) => {
        client.onclose = ({ code }) => resolve(code);
      });
      client.onopen = () => client.send('hello');
      await soon('the echo', echoed, run.stderr);
      await terminate(run);
      assert.equal(await soon('the close frame', closed, run.stderr), 1001);
      assert.ok(!run.events().includes('stopping'), run.stderr());
    });

    for (const how of ['cluster', 'thread']) {
      test(`it works in a ${how === 'thread' ? 'worker thread' : 'worker of node:cluster'}`, async () => {
        await using run = await serving(path, [how]);
        await terminate(run);
        assert.equal((await untilClosing(run.http)).body, 'served');
      });
    }

    test('what NODE_OPTIONS has already stays in front of it', async () => {
      const { PATH } = process.env;
      await using run = await serving(path, [], { env: { PATH, NODE_OPTIONS: '--max-http-header-size=9000' } });
      const { body } = await request(run.http, '/options');
      assert.match(body, /^--max-http-header-size=9000 --require \S+\/node-drain\.js$/);
    });

    test('an app that serves nothing runs as without it, and its exit code is its own', async () => {
      const words = ['--node-drain', '--ready', 'none'];
      await using run = start(words, [path, '-e', 'process.exitCode = 7']);
      assert.deepEqual(await run.ended(), { code: 7, signal: null });
    });
  });
}
