import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { TERMINATION_LOG_SIZE } from '../../../src/exit/termination-log.ts';
import { type Finished, finish, finishWords, lastLine } from '../../rig/finished.ts';
import { withFault } from '../../rig/inject.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { cleanEnvironment } from '../../rig/supervised.ts';
import { makeTree } from '../../rig/tree.ts';

type Certified = Finished & { readonly text: string | null };

/** Runs to the end with a termination log of its own; `text` is what stands in it, null if it was not made. */
async function certified(options: readonly string[], command: readonly string[], before?: string): Promise<Certified> {
  using tree = makeTree(before === undefined ? {} : { log: before });
  const path = join(tree.root, 'log');
  const run = await finish([...options, '--termination-log', path], command);
  return { ...run, text: existsSync(path) ? readFileSync(path, 'utf8') : null };
}

describe('the termination log tells each cause of death', () => {
  test('the termination log tells that the app exited with a code', async () => {
    const { code, text } = await certified(['--ready', 'none'], ['sh', '-c', 'exit 3']);
    assert.equal(code, 3);
    assert.match(text ?? '', /^sh exited with 3\n/);
    assert.match(text ?? '', /^phases: preparing .*, running .*, leftovers .*$/m);
    assert.doesNotMatch(text ?? '', /^signal|probe error/m);
  });

  test('the termination log tells the signal that ended the app', async () => {
    const run = await certified(['--ready', 'none'], ['sh', '-c', 'kill -SEGV $$']);
    assert.match(
      run.text ?? '',
      /^sh was ended by SIGSEGV; exit code 139\nsignal: SIGSEGV, raised by the app itself\n/,
    );
    assert.equal(lastLine(run)['sender'], 'app');
  });

  test('the termination log tells the stop signal, and what began the shutdown', async () => {
    using tree = makeTree({});
    const path = join(tree.root, 'log');
    await using run = await startPuppet(['--shutdown-delay', '0', '--termination-log', path]);
    run.kill('SIGTERM');
    assert.equal((await run.ended()).code, 143);
    const text = readFileSync(path, 'utf8');
    assert.match(text, /\nsignal: SIGTERM, from k8s-run\nshutdown: because of SIGTERM\n/);
    const last = lastLine({ lines: run.lines(), stderr: run.stderr() });
    assert.deepEqual([last['sender'], last['because']], ['k8s-run', 'SIGTERM']);
  });

  test('the termination log has the last probe error', async () => {
    const run = await certified(['--ready', 'file:/no/such/file'], ['sh', '-c', 'sleep 2; exit 4']);
    assert.match(run.text ?? '', /^last probe error: startup, .* before the exit: .*\/no\/such\/file.*$/m);
    const told = lastLine(run)['lastProbeError'] as Readonly<Record<string, unknown>>;
    assert.equal(told['probe'], 'startup');
    assert.equal(typeof told['agoMs'], 'number');
  });

  test('the termination log tells that the program is missing', async () => {
    const { text } = await certified([], ['/no/such/program']);
    assert.match(text ?? '', /^cannot start program: no such file/);
  });

  test('the termination log has every mistake in the configuration and the command line', async () => {
    const value = await certified(['--grace', 'soon', '--ready', 'ftp://x'], ['true']);
    assert.equal(value.code, 78);
    assert.match(
      value.text ?? '',
      /^2 mistakes in the configuration; nothing was started\ncannot use --grace .*\ncannot use --ready/,
    );
    const usage = await certified(['--nope'], ['true']);
    assert.equal(usage.code, 64);
    assert.match(usage.text ?? '', /^One mistake in the command line; nothing was started\nunknown option --nope/);
  });

  test('the termination log tells that the health port is taken', async () => {
    const server = createServer().listen(0, '::');
    await once(server, 'listening');
    try {
      const { port } = server.address() as { port: number };
      const { code, text } = await certified([`--health-port=${port}`], ['true']);
      assert.equal(code, 69);
      assert.match(text ?? '', /^cannot open the health port/);
    } finally {
      server.close();
    }
  });

  test('the termination log tells an internal error of k8s-run', async () => {
    using tree = makeTree({});
    const path = join(tree.root, 'log');
    const fault = withFault('groupBy throws', { times: 9 });
    const run = await finish(['--ready', 'none', '--termination-log', path], ['true'], fault);
    assert.equal(run.code, 70);
    assert.match(readFileSync(path, 'utf8'), /^internal error in /);
  });
});

describe('the termination log', () => {
  test('the termination log stays as it is when the exit code is 0', async () => {
    assert.equal((await certified([], ['true'])).text, null);
    assert.equal((await certified([], ['true'], 'before')).text, 'before');
    assert.equal((await certified(['--remap-exit', '3:0'], ['sh', '-c', 'exit 3'])).text, null);
  });

  test('the termination log can be named by a variable, and off writes none', async () => {
    using tree = makeTree({});
    const path = join(tree.root, 'log');
    const env = { ...cleanEnvironment(), K8S_RUN_TERMINATION_LOG: path };
    await finish(['--termination-log', 'off'], ['false'], { env });
    assert.equal(existsSync(path), false);
    await finish([], ['false'], { env });
    assert.match(readFileSync(path, 'utf8'), /^false exited with 1\n/);
    await finishWords(['--grace', 'soon', '--', 'true'], { env });
    assert.match(readFileSync(path, 'utf8'), /^One mistake/);
  });

  test('the termination log is never longer than what the kubelet reads, and keeps its beginning', async () => {
    const options = Array.from({ length: 400 }, (_, index) => `--näme-${index}`);
    const { text } = await certified(options, ['true']);
    assert.match(text ?? '', /^\d+ mistakes in the command line/);
    const bytes = Buffer.byteLength(text ?? '');
    assert.ok(bytes <= TERMINATION_LOG_SIZE && bytes > TERMINATION_LOG_SIZE - 8, `${bytes}`);
    assert.doesNotMatch(text ?? '', /\ufffd/);
  });

  test('the termination log has no control characters except newlines', async () => {
    const { text } = await certified(['--ready', 'tcp://\x1b[31m\n:x'], ['true']);
    const control = [...(text ?? '')].filter((letter) => letter < ' ' && letter !== '\n');
    assert.deepEqual(control, []);
    assert.equal((await certified(['--x\x1b[31m'], ['true'])).text?.includes('\x1b'), false);
  });

  test('a termination log that the app has written to keeps the app’s text', async () => {
    using tree = makeTree({ log: '' });
    const path = join(tree.root, 'log');
    const script = 'echo "database gone" > "$0"; exit 5';
    await finish(['--ready', 'none', '--termination-log', path], ['sh', '-c', script, path]);
    assert.match(readFileSync(path, 'utf8'), /^database gone\n\nsh exited with 5\n/);
  });

  test('a termination log that cannot be written is a warning before the last line of the log', async () => {
    using tree = makeTree({ file: '' });
    spawnSync('mkfifo', [join(tree.root, 'fifo')]);
    for (const [name, cause] of [
      ['no/such/folder', /ENOENT/],
      ['fifo', /not a regular file/],
      ['file/below', /ENOTDIR/],
    ] as const) {
      const path = join(tree.root, name);
      const run = await finish(['--termination-log', path], ['false']);
      assert.equal(run.code, 1);
      assert.deepEqual(run.events.slice(-2), ['warning', 'exited']);
      const warning = run.lines.at(-2)?.msg ?? '';
      assert.ok(warning.startsWith(`cannot write --termination-log ${path}: `), warning);
      assert.match(warning, cause);
    }
  });
});
