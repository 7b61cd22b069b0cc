import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { finish, lastLine } from '../../rig/finished.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { start } from '../../rig/supervised.ts';

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hook-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe('--pre-start', () => {
  test('--pre-start runs before the app, and its output is in the log', () =>
    inFolder(async (folder) => {
      const trace = join(folder, 'trace');
      const hook = `--pre-start=sh -c 'echo migrating; echo to stderr >&2; echo hook >>${trace}'`;
      const ended = await finish([hook], ['sh', '-c', `echo app >>${trace}`]);
      assert.equal(ended.code, 0, ended.stderr);
      assert.equal(await readFile(trace, 'utf8'), 'hook\napp\n');
      const said = ended.lines.filter((line) => line['hook'] === 'pre-start').map((line) => line['output']);
      assert.ok(said.includes('migrating') && said.includes('to stderr'), ended.stderr);
      assert.ok(ended.events.indexOf('hook') < ended.events.indexOf('spawned'));
    }));

  test('when --pre-start fails k8s-run exits with 78 and its output, and does not start the app', async () => {
    const ended = await finish(["--pre-start=sh -c 'echo no such table; exit 4'"], ['echo', 'started']);
    const last = lastLine(ended);
    assert.deepEqual([ended.code, ended.stdout, last['cause']], [78, '', 'pre-start failed']);
    assert.match(last.msg, /sh exited with 4: no such table/);
  });

  test('--pre-start fails when it cannot be run, or is not over in time', async () => {
    const missing = await finish(['--pre-start=/no/such/program'], ['echo', 'started']);
    assert.deepEqual([missing.code, missing.stdout], [78, '']);
    assert.match(lastLine(missing).msg, /cannot run \/no\/such\/program/);
    const hanging = await finish(['--pre-start=sleep 1000', '--hook-timeout=200ms'], ['echo', 'started']);
    assert.deepEqual([hanging.code, hanging.stdout], [78, '']);
    assert.match(lastLine(hanging).msg, /sleep did not finish within 200 ms/);
  });

  test('a stop signal is passed on to --pre-start, which may finish, and the app is not started', () =>
    inFolder(async (folder) => {
      const done = join(folder, 'done');
      const script = `trap 'touch ${done}; exit 0' TERM; echo ready; while :; do sleep 0.05; done`;
      await using run = start([`--pre-start=sh -c "${script}"`], ['echo', 'started']);
      await run.line('hook', (line) => line['output'] === 'ready');
      run.kill('SIGTERM');
      assert.deepEqual(await run.ended(), { code: 143, signal: null });
      assert.ok(existsSync(done), 'the hook had its time');
      assert.deepEqual(
        [run.stdout(), lastLine({ lines: run.lines(), stderr: '' })['cause']],
        ['', 'stopped before start'],
      );
    }));

  test('a --pre-start that ignores the stop signal is killed at the end of the grace', async () => {
    const script = `trap '' TERM; echo ready; while :; do sleep 0.05; done`;
    await using run = start([`--pre-start=sh -c "${script}"`, '--grace=200ms'], ['echo', 'started']);
    await run.line('hook', (line) => line['output'] === 'ready');
    run.kill('SIGTERM');
    assert.deepEqual(await run.ended(), { code: 143, signal: null });
  });

  test('while --pre-start runs the app is not started and not ready, but live', async () => {
    await using run = start(['--pre-start=sleep 1000', '--grace=0'], ['true']);
    await run.line('hook');
    const told = await Promise.all(['/startupz', '/readyz', '/livez'].map((path) => run.get(path)));
    assert.deepEqual(
      told.map(({ status }) => status),
      [503, 503, 200],
    );
    run.kill('SIGTERM');
    await run.ended();
  });

  test('of a flood of output from --pre-start the log has the end only', async () => {
    const ended = await finish(
      ["--pre-start=sh -c 'yes noise | head -n 200000; head -c 300000 /dev/zero | tr \\\\0 x; echo; echo why; exit 1'"],
      ['true'],
    );
    assert.equal(ended.code, 78);
    assert.ok(ended.lines.length < 300, String(ended.lines.length));
    assert.ok(ended.stderr.length < 400_000);
    assert.match(lastLine(ended).msg, /why$/);
  });
});

describe('--pre-stop', () => {
  test('--pre-stop runs after readiness has failed, and before the stop signal', () =>
    inFolder(async (folder) => {
      const go = join(folder, 'go');
      const hook = `--pre-stop=sh -c 'while [ ! -e ${go} ]; do sleep 0.02; done; echo told the registry'`;
      await using run = await startPuppet([hook, '--ready=none', '--shutdown-delay=0']);
      await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 5 });
      await run.line('ready');
      run.kill('SIGTERM');
      await until('readiness fails', async () => (await run.get('/readyz')).status === 503);
      assert.equal((await run.get('/livez')).status, 200);
      assert.ok(!run.events().includes('stopping'), 'not signalled yet');
      const { state, shutdown } = JSON.parse((await run.get('/statusz')).body);
      assert.deepEqual([state, shutdown.cause], ['preStop', { kind: 'signal', signal: 15 }]);
      await writeFile(go, '');
      assert.deepEqual(await run.ended(), { code: 5, signal: null });
      const said = run.lines().findIndex((line) => line['output'] === 'told the registry');
      assert.ok(said >= 0 && said < run.events().indexOf('stopping'));
    }));

  test('a --pre-stop that fails or exceeds --hook-timeout is a warning, and the shutdown goes on', async () => {
    for (const [hook, timeout, why] of [
      ["sh -c 'exit 9'", '1000s', /--pre-stop failed: sh exited with 9/],
      ['sleep 1000', '300ms', /--pre-stop failed: sleep did not finish within 300 ms/],
    ] as const) {
      await using run = await startPuppet([`--pre-stop=${hook}`, `--hook-timeout=${timeout}`, '--shutdown-delay=0']);
      await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 6 });
      run.kill('SIGTERM');
      assert.deepEqual(await run.ended(), { code: 6, signal: null });
      const warned = run.lines().find((line) => line.event === 'hook' && line.level === 'warn');
      assert.match(String(warned?.msg), why);
    }
  });

  test('a URL of --pre-stop is requested with GET', async () => {
    await using asked = await listening();
    await using run = await startPuppet([`--pre-stop=http://:${asked.port}/drain`, '--shutdown-delay=0']);
    await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 0 });
    run.kill('SIGTERM');
    assert.equal((await run.ended()).code, 0);
    assert.deepEqual(asked.requests, ['GET /drain']);
  });

  test('an app that exits during --pre-stop ends it', async () => {
    await using run = await startPuppet(['--pre-stop=sleep 1000', '--hook-timeout=1000s']);
    run.kill('SIGTERM');
    await run.line('terminating');
    await run.puppet.tell({ do: 'exit', code: 8 }).catch(() => {});
    assert.deepEqual(await run.ended(), { code: 8, signal: null });
  });
});

describe('--post-exit', () => {
  test('--post-exit runs when the app is gone, and never changes the exit code', async () => {
    for (const hook of ["sh -c 'echo last; exit 9'", 'sleep 1000', '/no/such/program']) {
      const ended = await finish([`--post-exit=${hook}`, '--hook-timeout=300ms'], ['sh', '-c', 'exit 3']);
      assert.equal(ended.code, 3, ended.stderr);
      assert.ok(ended.lines.some((line) => line['hook'] === 'post-exit' && line['outcome'] === 'failed'));
      assert.equal(lastLine(ended).event, 'exited');
    }
  });

  test('--post-exit runs when the app could not be started, because a proxy must quit all the same', () =>
    inFolder(async (folder) => {
      const trace = join(folder, 'trace');
      const ended = await finish([`--post-exit=touch ${trace}`], ['/no/such/app']);
      assert.equal(ended.code, 127);
      assert.ok(existsSync(trace));
    }));

  test('a URL of --post-exit is requested with POST, as a mesh proxy expects', async () => {
    await using asked = await listening();
    const ended = await finish([`--post-exit=http://:${asked.port}/quitquitquit`], ['true']);
    assert.equal(ended.code, 0);
    assert.deepEqual(asked.requests, ['POST /quitquitquit']);
  });
});

async function listening(): Promise<AsyncDisposable & { readonly port: number; readonly requests: readonly string[] }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    response.end('ok');
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
