import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { EXAMPLES, hello, nothingLeft, SHORT_DELAY, startExample, stopInOrder } from '../../rig/example.ts';
import { freePort } from '../../rig/free-port.ts';
import { needs } from '../../rig/needs.ts';
import { dotnetSdk, noJdk, runtime, rustPrograms } from '../../rig/other-runtimes.ts';
import { ask, type Reply, type Supervised } from '../../rig/supervised.ts';

/** No delay and no wait for connections: what the language does with its signal is seen. */
const AT_ONCE: readonly string[] = ['--shutdown-delay', '0', '--drain-connections', 'off'];
const DELAYED: readonly string[] = [...SHORT_DELAY, '--drain-connections', 'off'];
const WAITING: readonly string[] = ['--shutdown-delay', '0', '--drain-connections', '15s'];
/** A request of this many seconds is never answered here. */
const ENDLESS = 'SLOW_SECONDS=1000';

/** What became of the request that was in flight at SIGTERM; null: it was cut. */
async function stopWithRequest(run: Supervised, port: number): Promise<{ reply: Reply | null; code: number | null }> {
  await run.line('ready');
  const session = await run.appPid();
  const slow = ask(`http://127.0.0.1:${port}/slow`).catch(() => null);
  await until('the request is in flight', () => run.stdout().includes('busy'), run.stderr);
  run.kill('SIGTERM');
  const reply = await slow;
  const { code, signal } = await run.ended();
  assert.equal(signal, null, run.stderr());
  assert.ok(!run.events().includes('killing'), run.stderr());
  await nothingLeft(session);
  return { reply, code };
}

/** Keeps an idle connection to the server: nobody waits for it. */
async function idle(port: number): Promise<Disposable> {
  const agent = new Agent({ keepAlive: true });
  const answered = new Promise<void>((resolve, reject) => {
    const call = get({ host: '127.0.0.1', port, agent }, (response) => response.resume().on('end', () => resolve()));
    call.on('error', reject);
  });
  await answered;
  return { [Symbol.dispose]: () => agent.destroy() };
}

async function stopsInOrder(run: Supervised, port: number): Promise<void> {
  await run.line('ready');
  await hello(port);
  using _kept = await idle(port);
  await stopInOrder(run, 0, 'SIGTERM');
}

const made = mkdtempSync(join(tmpdir(), 'languages-'));
after(() => rmSync(made, { recursive: true, force: true }));

/** Runs a compiler in the folder of an example, or in another. */
function build(example: string, command: string, words: readonly string[], env: NodeJS.ProcessEnv = {}): void {
  const { status, stdout, stderr } = spawnSync(command, words, {
    cwd: resolve(EXAMPLES, example),
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  assert.equal(status, 0, `${stdout}${stderr}`);
}

type Language = {
  readonly skip: string | false;
  readonly folder: string;
  /** Makes its programs. */
  readonly prepare?: () => void;
  /** Of the example. */
  readonly graceful: readonly string[];
  /** Of the server without a handler beside it. */
  readonly abrupt: readonly string[];
};

const { path: DENO, skip: NO_DENO } = runtime('deno');
const { path: BUN, skip: NO_BUN } = runtime('bun');
const { path: RUST, skip: NO_RUST } = rustPrograms();
const deno = (file: string): readonly string[] => [DENO, 'run', '--allow-net', '--allow-env', file];

const LANGUAGES: Readonly<Record<string, Language>> = {
  deno: { skip: NO_DENO, folder: 'deno', graceful: deno('server.ts'), abrupt: deno('abrupt.ts') },
  bun: { skip: NO_BUN, folder: 'bun', graceful: [BUN, 'server.ts'], abrupt: [BUN, 'abrupt.ts'] },
  go: {
    skip: needs('go'),
    folder: 'go',
    prepare: () => {
      const env = { GOCACHE: join(made, 'cache'), GOPROXY: 'off', GOFLAGS: '-mod=mod' };
      build('go', 'go', ['build', '-o', join(made, 'server'), '.'], env);
      build('go', 'go', ['build', '-o', join(made, 'abrupt'), './abrupt'], env);
    },
    graceful: [join(made, 'server')],
    abrupt: [join(made, 'abrupt')],
  },
  rust: { skip: NO_RUST, folder: 'rust', graceful: [join(RUST, 'server')], abrupt: [join(RUST, 'abrupt')] },
};

for (const [name, { skip, folder, prepare = () => {}, graceful, abrupt }] of Object.entries(LANGUAGES)) {
  describe(name, { skip }, () => {
    before(prepare);

    test(`${name}: the example serves during the delay, waits for no idle connection, and exits with 0`, async () => {
      const port = await freePort();
      await using run = startExample(folder, DELAYED, graceful, port);
      await stopsInOrder(run, port);
    });

    test(`${name}: the example answers its request in flight after SIGTERM, and exits with 0`, async () => {
      const port = await freePort();
      await using run = startExample(folder, AT_ONCE, graceful, port);
      const { reply, code } = await stopWithRequest(run, port);
      assert.deepEqual([reply?.status, reply?.body, code], [200, 'hello\n', 0], run.stderr());
    });

    test(`${name} without a handler: SIGTERM cuts the request in flight, and the exit code is 143`, async () => {
      const port = await freePort();
      await using run = startExample(folder, AT_ONCE, ['env', ENDLESS, ...abrupt], port);
      const { reply, code } = await stopWithRequest(run, port);
      assert.deepEqual([reply, code], [null, 143], run.stderr());
      assert.equal((await run.line('exited'))['signal'], 'SIGTERM');
    });

    test(`${name} without a handler: k8s-run waits for the request in flight, and the exit code is 143`, async () => {
      const port = await freePort();
      await using run = startExample(folder, WAITING, abrupt, port);
      const { reply, code } = await stopWithRequest(run, port);
      assert.deepEqual([reply?.status, code], [200, 143], run.stderr());
    });
  });
}

describe('ruby', { skip: needs('puma') }, () => {
  const EXAMPLE = ['puma', '-C', 'puma.rb'];
  for (const [mode, words] of [
    ['as one process', EXAMPLE],
    ['with two workers', ['env', 'WEB_CONCURRENCY=2', ...EXAMPLE]],
  ] as const) {
    test(`puma ${mode}: the example serves during the delay, waits for no idle connection, and exits with 0`, async () => {
      const port = await freePort();
      await using run = startExample('puma', DELAYED, words, port);
      await stopsInOrder(run, port);
    });

    test(`puma ${mode}: the example answers its request in flight after SIGTERM, and exits with 0`, async () => {
      const port = await freePort();
      await using run = startExample('puma', AT_ONCE, words, port);
      const { reply, code } = await stopWithRequest(run, port);
      assert.deepEqual([reply?.status, code], [200, 0], run.stderr());
    });
  }

  test('puma by default: the request in flight is answered after SIGTERM, and the exit code is 143', async () => {
    const port = await freePort();
    await using run = startExample('puma', AT_ONCE, ['puma', '-b', `tcp://127.0.0.1:${port}`, 'config.ru'], port);
    const { reply, code } = await stopWithRequest(run, port);
    assert.deepEqual([reply?.status, code], [200, 143], run.stderr());
  });
});

test('uvicorn by itself: the request in flight is answered after SIGTERM, and the exit code is 0', {
  skip: needs('uvicorn'),
}, async () => {
  const port = await freePort();
  const command = ['env', 'PYTHONDONTWRITEBYTECODE=1', 'uvicorn', '--port', String(port), 'app_async:app'];
  await using run = startExample('gunicorn', AT_ONCE, command, port);
  const { reply, code } = await stopWithRequest(run, port);
  assert.deepEqual([reply?.status, code], [200, 0], run.stderr());
});

test('java without a hook: SIGTERM cuts the request in flight, and the exit code is 143', {
  skip: noJdk(),
}, async () => {
  const port = await freePort();
  const endless = `
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
public class Abrupt {
  public static void main(String[] words) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress(${port}), 0);
    server.createContext("/", exchange -> {
      System.out.println("busy");
      synchronized (server) { try { server.wait(); } catch (InterruptedException e) { exchange.close(); } }
    });
    server.start();
  }
}`;
  writeFileSync(join(made, 'Abrupt.java'), endless);
  // Compiled before, because that takes a busy machine longer than a wait may.
  build(made, 'javac', ['Abrupt.java']);
  await using run = startExample(made, AT_ONCE, ['java', '-cp', '.', 'Abrupt'], port);
  const { reply, code } = await stopWithRequest(run, port);
  assert.deepEqual([reply, code], [null, 143], run.stderr());
});

test('dotnet: the host answers its request in flight after SIGTERM, and exits with 0', {
  skip: dotnetSdk(10),
}, async () => {
  const folder = join(made, 'dotnet');
  cpSync(join(EXAMPLES, 'dotnet'), folder, { recursive: true });
  const env = { DOTNET_CLI_HOME: made, DOTNET_CLI_TELEMETRY_OPTOUT: '1' };
  build(folder, 'dotnet', ['publish', '-c', 'Release', '-o', 'out'], env);
  const port = await freePort();
  await using run = startExample(folder, AT_ONCE, ['dotnet', 'out/server.dll'], port);
  const { reply, code } = await stopWithRequest(run, port);
  assert.deepEqual([reply?.status, code], [200, 0], run.stderr());
});
