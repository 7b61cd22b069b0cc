import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { blocksOf, commandWith, type Example, typed } from '../../rig/how-to.ts';
import { needs } from '../../rig/needs.ts';

const PAGE = 'post-mortem.md';
/** So that nothing is waited for but what the page is about. */
const BRISK = {
  K8S_RUN_READY: 'process',
  K8S_RUN_PROBE_PERIOD: '100ms',
  K8S_RUN_FAILURE_THRESHOLD: '1',
  K8S_RUN_SHUTDOWN_DELAY: '0',
  K8S_RUN_GRACE: '100ms',
  K8S_RUN_DRAIN_CONNECTIONS: 'off',
};

/** What the live probe asks. It answers 200 until it is told that the app is sick. */
async function health(): Promise<AsyncDisposable & { readonly port: number; readonly sicken: () => void }> {
  let status = 200;
  const server = createServer((_, response) => response.writeHead(status).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    sicken() {
      status = 500;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const up = (run: Example): Promise<unknown> =>
  until('the app is up', () => run.stdout().includes('up') && run.events().includes('ready'), run.stderr);
const dumpsIn = (run: Example, name: RegExp): readonly string[] =>
  readdirSync(join(run.folder, 'dumps')).filter((file) => name.test(file));
const whole = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
};

test('every example of post-mortem.md has a test here', () => {
  const lines = blocksOf(PAGE, 'sh').flatMap((block) => block.trim().split('\n'));
  assert.equal(lines.length, 7);
  assert.equal(blocksOf(PAGE, 'python').length, 1);
});

describe('a JVM', { skip: needs('java') }, () => {
  const Main = `public class Main { public static void main(String[] a) throws Exception { System.out.println("up"); Thread.sleep(1000000); } }`;
  const launched = { '-jar app.jar': '-Xmx64m ./Main.java' };
  const files = { 'Main.java': Main, 'dumps/none': '' };

  test('prints the stack of each thread on QUIT, and lives on', async () => {
    await using probed = await health();
    const command = commandWith(PAGE, 'signal:QUIT -- java');
    await using run = typed(command, files, { ':8080': `:${probed.port}`, ...launched }, BRISK);
    await up(run);
    probed.sicken();
    const sent = await run.line('hook', (line) => line['outcome'] === 'sent');
    assert.match(sent.msg, /sent SIGQUIT to java \(process \d+\), which has [\d.]+s to write$/);
    await until('the stacks', () => /Full thread dump[\s\S]*"main"/.test(run.stdout()), run.stdout);
    assert.ok(!run.events().includes('exited'));
  });

  test('writes its heap for jcmd', { skip: needs('java') }, async () => {
    await using probed = await health();
    // Here by a probe: a limit of memory would need a control group.
    const instead = { '--on-memory': `--live http://:${probed.port}/ --on-unlive`, '/dumps': './dumps', ...launched };
    await using run = typed(commandWith(PAGE, 'GC.heap_dump'), files, instead, BRISK);
    await up(run);
    probed.sicken();
    const done = await run.line('hook', (line) => line['outcome'] === 'done' || line['outcome'] === 'failed');
    assert.match(String(done['account']), /^jcmd: Heap dump file created/, done.msg);
    assert.equal(readFileSync(join(run.folder, 'dumps/heap.hprof')).subarray(0, 12).toString(), 'JAVA PROFILE');
  });
});

describe('Node', () => {
  test('writes a report on USR2', async () => {
    await using probed = await health();
    const files = { 'server.js': "console.log('up'); setInterval(() => 0, 1e6)", 'dumps/none': '' };
    const instead = { ':8080': `:${probed.port}`, '/dumps': './dumps' };
    await using run = typed(commandWith(PAGE, '--report-signal'), files, instead, BRISK);
    await up(run);
    probed.sicken();
    const report = await until(
      'the report',
      () => {
        const [file] = dumpsIn(run, /^report\..*\.json$/);
        return file === undefined ? null : (whole(join(run.folder, 'dumps', file)) as { header: { trigger: string } });
      },
      run.stderr,
    );
    assert.equal(report.header.trigger, 'Signal');
  });

  test('writes a heap snapshot on USR2', async () => {
    await using probed = await health();
    const files = { 'server.js': "console.log('up'); setInterval(() => 0, 1e6)", 'dumps/none': '' };
    const instead = { '--on-memory': `--live http://:${probed.port}/ --on-unlive`, '/dumps': './dumps' };
    await using run = typed(commandWith(PAGE, '--heapsnapshot-signal'), files, instead, BRISK);
    await up(run);
    probed.sicken();
    const snapshot = await until(
      'the snapshot',
      () => {
        const [file] = dumpsIn(run, /\.heapsnapshot$/);
        return file === undefined ? null : (whole(join(run.folder, 'dumps', file)) as { nodes: unknown[] });
      },
      run.stderr,
    );
    assert.ok(snapshot.nodes.length > 0);
  });
});

test('Python prints the stack of each thread on USR1, although it hangs', { skip: needs('python3') }, async () => {
  await using probed = await health();
  const [register = ''] = blocksOf(PAGE, 'python');
  const app = `${register}\nprint('up', flush=True)\ndef hangs():\n    while True:\n        pass\nhangs()\n`;
  const command = commandWith(PAGE, 'python3 app.py');
  await using run = typed(command, { 'app.py': app }, { ':8080': `:${probed.port}` }, BRISK);
  await up(run);
  probed.sicken();
  await until('the stack', () => /in hangs\b/.test(run.stderr()), run.stderr);
  assert.ok(!run.events().includes('exited'));
});

const SERVER_IN_GO = `package main

import ("fmt"; "os/signal"; "syscall"; "time")

func hangs() { for { time.Sleep(time.Second) } }

func main() {
	signal.Ignore(syscall.SIGTERM)
	fmt.Println("up")
	hangs()
}
`;

test('Go prints the stack of each goroutine on QUIT, and exits', { skip: needs('go') }, async () => {
  const made = mkdtempSync(join(tmpdir(), 'go-dump-'));
  try {
    writeFileSync(join(made, 'main.go'), SERVER_IN_GO);
    const env = { ...process.env, GO111MODULE: 'off', CGO_ENABLED: '0' };
    const built = spawnSync('go', ['build', '-o', 'server', 'main.go'], { cwd: made, env });
    assert.equal(built.status, 0, String(built.stderr));
    const command = commandWith(PAGE, '--before-kill signal:QUIT -- ./server');
    await using run = typed(command, {}, { './server': join(made, 'server') }, BRISK);
    await up(run);
    run.kill('SIGTERM');
    assert.equal((await run.ended()).code, 2, run.stderr());
    assert.match(run.stderr(), /SIGQUIT: quit[\s\S]*main\.hangs/);
    assert.ok(!run.events().includes('killing'));
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
});

test('gdb writes the memory of any program', { skip: needs('gdb') }, async (t) => {
  const server = `#!/bin/sh\ntrap '' TERM\necho up\nwhile :; do sleep 0.05; done\n`;
  const instead = { '/dumps': './dumps' };
  await using run = typed(commandWith(PAGE, 'gdb -p'), { server, 'dumps/none': '' }, instead, BRISK);
  await up(run);
  run.kill('SIGTERM');
  assert.equal((await run.ended()).code, 137);
  if (/ptrace: |not attach/.test(run.stderr())) {
    t.skip('gdb may not trace here');
    return;
  }
  const [core = ''] = dumpsIn(run, /^core/);
  assert.equal(
    readFileSync(join(run.folder, 'dumps', core))
      .subarray(1, 4)
      .toString(),
    'ELF',
    run.stderr(),
  );
  assert.match(run.stderr(), /Saved corefile/);
});
