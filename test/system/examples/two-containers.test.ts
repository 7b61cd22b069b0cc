import assert from 'node:assert/strict';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { EXAMPLES, hello, nothingLeft } from '../../rig/example.ts';
import { freePort } from '../../rig/free-port.ts';
import { needs } from '../../rig/needs.ts';
import { ask, cleanEnvironment, type Supervised, start } from '../../rig/supervised.ts';
import { built, type Container, manifestsOf, podSpecOf } from './built.ts';

const PHP = globSync('/usr/sbin/php-fpm*')[0] ?? 'php-fpm';
/** php-fpm refuses to run as root. */
const AS_ROOT = process.getuid?.() === 0 ? ['--allow-to-run-as-root'] : [];
/** Half of an upload, and the rest. */
const [BEGUN, REST] = ['POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 8\r\n\r\nhalf', 'done'];

type Ports = { readonly front: number; readonly back: number; readonly frontHealth: number };
type Pod = AsyncDisposable & { readonly nginx: Supervised; readonly php: Supervised; readonly front: number };

/** A container of the manifest, with paths and ports that exist here. */
function containerOf(file: string, name: string): Container {
  const pods = manifestsOf('php-fpm', file).flatMap((document) => podSpecOf(document) ?? []);
  const found = pods.flatMap((pod) => [...(pod.initContainers ?? []), ...pod.containers]);
  const container = found.find((each) => each.name === name);
  if (container === undefined) throw new Error(`${file} has no container ${name}`);
  return container;
}

/** Its variables for k8s-run, and those of the image. */
function variablesOf(container: Container, place: (text: string) => string): Readonly<Record<string, string>> {
  const pairs = (container.env ?? []).map(({ name, value }) => [name, place(value)]);
  return { ...built('php-fpm').env, ...Object.fromEntries(pairs) };
}

/** Both containers of the example's pod, which share the network; `more` are options in place of the manifest's. */
async function startPod(
  file: string,
  more: { readonly nginx?: readonly string[]; readonly php?: readonly string[] },
): Promise<Pod> {
  const path = mkdtempSync(join(tmpdir(), 'pod-'));
  const ports: Ports = { front: await freePort(), back: await freePort(), frontHealth: await freePort() };
  const place = (text: string): string =>
    text
      .replaceAll('/app/', `${path}/`)
      .replaceAll('20081', String(ports.frontHealth))
      .replaceAll('9000', String(ports.back))
      .replace('listen 8080', `listen 127.0.0.1:${ports.front}`)
      // In a container stderr can be opened a second time; here it is a socket, which cannot.
      .replace('/proc/self/fd/2', join(path, 'php-fpm.log'));
  mkdirSync(join(path, 'tmp'));
  for (const name of ['nginx.conf', 'php-fpm.conf', 'index.php', 'wait-until-closed.php']) {
    writeFileSync(join(path, name), place(readFileSync(join(EXAMPLES, 'php-fpm', name), 'utf8')));
  }
  const PATH = [dirname(process.execPath), process.env['PATH'], '/usr/sbin', '/usr/bin'].join(delimiter);
  const run = (name: string, options: readonly string[], command: readonly string[]): Supervised => {
    const env = { ...cleanEnvironment(), PATH, ...variablesOf(containerOf(file, name), place) };
    return start(options, command, { cwd: path, env });
  };
  const fpm = [PHP, '--nodaemonize', '--fpm-config', join(path, 'php-fpm.conf'), ...AS_ROOT];
  const php = run('php-fpm', more.php ?? [], fpm);
  const nginx = run(
    'nginx',
    [`--health-port=${ports.frontHealth}`, ...(more.nginx ?? [])],
    ['nginx', '-e', 'stderr', '-p', '.', '-c', 'nginx.conf'],
  );
  return {
    nginx,
    php,
    front: ports.front,
    async [Symbol.asyncDispose]() {
      await nginx[Symbol.asyncDispose]();
      await php[Symbol.asyncDispose]();
      rmSync(path, { recursive: true, force: true });
    },
  };
}

async function serves({ nginx, php, front }: Pod): Promise<readonly number[]> {
  await Promise.all([nginx.line('ready'), php.line('ready')]);
  await hello(front);
  return Promise.all([nginx.appPid(), php.appPid()]);
}

async function bothEndedWithQuit({ nginx, php }: Pod, sessions: readonly number[]): Promise<void> {
  for (const each of [nginx, php]) {
    assert.deepEqual(await each.ended(), { code: 0, signal: null }, each.stderr());
    assert.equal((await each.line('stopping'))['signal'], 'SIGQUIT');
    assert.ok(!each.events().includes('killing'), each.stderr());
  }
  for (const session of sessions) await nothingLeft(session);
}

/** An upload of which nginx has only a part, so that php-fpm knows nothing of it yet. */
function upload(port: number): Disposable & { readonly begun: Promise<void>; readonly finish: () => Promise<string> } {
  const socket = connect(port, '127.0.0.1');
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
  });
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  socket.on('error', () => {});
  return {
    begun: new Promise((resolve) => {
      socket.on('connect', () => socket.write(BEGUN, () => resolve()));
    }),
    async finish() {
      socket.write(REST);
      await closed;
      return answer;
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

/** Whether nginx has taken the upload out of its listening socket: it answers what was sent afterwards, with its one worker. */
const taken = (port: number): Promise<void> => hello(port);

describe('php-fpm behind nginx', { skip: needs('php-fpm', 'nginx') }, () => {
  test('two containers: SIGTERM to both at once under load cuts no request, and php-fpm is stopped after nginx', async () => {
    await using pod = await startPod('kubernetes.yaml', { nginx: ['--shutdown-delay', '4s'] });
    const { nginx, php, front } = pod;
    const sessions = await serves(pod);
    const seen: (string | number)[] = [];
    // Clients come until the endpoints are gone, which the delay is for. Some requests take longer than the delay.
    const client = async (query: string): Promise<void> => {
      while (!nginx.events().includes('terminating')) {
        const { status, body } = await ask(`http://127.0.0.1:${front}/${query}`).catch((error) => ({
          status: String(error),
          body: '',
        }));
        seen.push(body === 'hello\n' ? status : `${status} ${body}`);
      }
    };
    const clients = ['', '', '?slow=6', '?slow=6'].map(client);
    await until('there is load', () => seen.length > 20, nginx.stderr);
    nginx.kill('SIGTERM');
    php.kill('SIGTERM');
    await Promise.all(clients);
    assert.deepEqual(
      seen.filter((each) => each !== 200),
      [],
    );
    await bothEndedWithQuit(pod, sessions);
    const [exited, stopping] = [await nginx.line('exited'), await php.line('stopping')];
    assert.ok(
      Date.parse(String(exited['time'])) <= Date.parse(String(stopping['time'])),
      `${nginx.stderr()}${php.stderr()}`,
    );
  });

  test('two containers: an upload that ends after the QUIT of nginx is answered by php-fpm', async () => {
    await using pod = await startPod('kubernetes.yaml', { nginx: ['--shutdown-delay=0', '--drain-connections=off'] });
    const { nginx, php, front } = pod;
    const sessions = await serves(pod);
    using client = upload(front);
    await client.begun;
    await taken(front);
    php.kill('SIGTERM');
    await php.line('terminating');
    nginx.kill('SIGTERM');
    await nginx.line('stopping');
    assert.ok(!php.events().includes('stopping'), php.stderr());
    assert.match(await client.finish(), /^HTTP\/1.1 200 [\s\S]*hello\n/);
    await bothEndedWithQuit(pod, sessions);
  });

  test('two containers without the hook: php-fpm is gone before nginx, and the upload gets a 502', async () => {
    await using pod = await startPod('kubernetes.yaml', {
      nginx: ['--shutdown-delay=0', '--drain-connections=off'],
      php: ['--pre-stop=true'],
    });
    const { nginx, php, front } = pod;
    const sessions = await serves(pod);
    using client = upload(front);
    await client.begun;
    await taken(front);
    php.kill('SIGTERM');
    nginx.kill('SIGTERM');
    assert.deepEqual(await php.ended(), { code: 0, signal: null });
    await nginx.line('stopping');
    assert.match(await client.finish(), /^HTTP\/1.1 502 /);
    await bothEndedWithQuit(pod, sessions);
  });

  test('a native sidecar: php-fpm is told to stop after nginx has exited, and waits for nothing', async () => {
    await using pod = await startPod('kubernetes-sidecar.yaml', {
      nginx: ['--shutdown-delay=0', '--drain-connections=off'],
    });
    const { nginx, php, front } = pod;
    const sessions = await serves(pod);
    using client = upload(front);
    await client.begun;
    await taken(front);
    nginx.kill('SIGTERM');
    await nginx.line('stopping');
    assert.match(await client.finish(), /^HTTP\/1.1 200 [\s\S]*hello\n/);
    await nginx.ended();
    php.kill('SIGTERM');
    await bothEndedWithQuit(pod, sessions);
  });
});
