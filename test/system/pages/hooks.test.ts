import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { blocksOf, commandWith, typed } from '../../rig/how-to.ts';
import { isRunning } from '../../rig/supervised.ts';

const PAGE = 'hooks.md';
const SERVER = `#!/bin/sh
trap 'echo bye; exit 0' TERM
echo up
while :; do sleep 0.05; done
`;

/** A server that is asked by URL; the requests that came, as `GET /path`. */
async function asked(): Promise<AsyncDisposable & { readonly port: number; readonly requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('every example of hooks.md has a test here', () => {
  const lines = blocksOf(PAGE, 'sh').flatMap((block) => block.trim().split('\n'));
  assert.equal(lines.length, 6);
});

test('hooks.md: --wait-for waits for what the app needs', async () => {
  await using service = await asked();
  const here = `127.0.0.1:${service.port}`;
  const command = commandWith(PAGE, '--wait-for');
  await using run = typed(command, { 'server.js': "console.log('up')" }, { 'db:5432': here, 'config:8080': here });
  assert.equal((await run.ended()).code, 0, run.stderr());
  assert.equal(run.stdout(), 'up\n');
  assert.ok(service.requests.includes('GET /ready'), String(service.requests));
});

test('hooks.md: a migration runs before the app, and what it leaves in the background is left alone', async () => {
  const migrate = `#!/bin/sh\nsleep 1000 >/dev/null 2>&1 &\necho "migrated $1 $!" | tee migrated\n`;
  const server = `#!/bin/sh\ncat migrated\nexit 3\n`;
  await using run = typed(commandWith(PAGE, '--pre-start'), { migrate, server });
  assert.equal((await run.ended()).code, 3, run.stderr());
  const [, pid] = /^migrated up (\d+)\n$/.exec(run.stdout()) ?? [];
  try {
    assert.ok(await isRunning(Number(pid)), run.stdout());
    assert.ok(!run.events().includes('leftovers'));
  } finally {
    process.kill(Number(pid), 'SIGKILL');
  }
  await run.line('hook', (line) => String(line['output']).startsWith('migrated up'));
});

test('hooks.md: a --pre-stop command runs before the signal', async () => {
  const leave = `#!/bin/sh\necho "$@" >left\n`;
  await using run = typed(commandWith(PAGE, 'consul-leave'), { 'bin/consul-leave': leave, server: SERVER });
  await until('the app', () => run.stdout() === 'up\n');
  run.kill('SIGTERM');
  assert.equal((await run.ended()).code, 0, run.stderr());
  assert.equal(await readFile(join(run.folder, 'left'), 'utf8'), 'web\n');
  assert.equal(run.stdout(), 'up\nbye\n');
});

test('hooks.md: a --pre-stop URL is requested before the signal', async () => {
  await using service = await asked();
  await using run = typed(commandWith(PAGE, '/internal/drain'), { server: SERVER }, { ':8080': `:${service.port}` });
  await until('the app', () => run.stdout() === 'up\n');
  run.kill('SIGTERM');
  assert.equal((await run.ended()).code, 0, run.stderr());
  assert.deepEqual(service.requests, ['GET /internal/drain']);
});

test('hooks.md: a --post-exit URL is requested after the app has exited', async () => {
  await using proxy = await asked();
  const job = '#!/bin/sh\nexit 6\n';
  await using run = typed(commandWith(PAGE, '--post-exit'), { job }, { ':15020': `:${proxy.port}` });
  assert.equal((await run.ended()).code, 6, run.stderr());
  assert.deepEqual(proxy.requests, ['POST /quitquitquit']);
});

test('hooks.md: --restart restarts the app in place', async () => {
  const worker = '#!/bin/sh\necho life >>lives\n[ "$(wc -l <lives)" -ge 2 ]\n';
  await using run = typed(commandWith(PAGE, '--restart '), { worker });
  assert.equal((await run.ended()).code, 0, run.stderr());
  assert.equal(await readFile(join(run.folder, 'lives'), 'utf8'), 'life\nlife\n');
});
