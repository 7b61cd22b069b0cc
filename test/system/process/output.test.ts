import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { soon } from '../../rig/deadline.ts';
import { finish, lastLine } from '../../rig/finished.ts';
import { BIN, cleanEnvironment, killGroup } from '../../rig/supervised.ts';

/** 100 MB, each line another. */
const MUCH = ['seq', '-f', '%099.0f', '1000000'];

test('100 MB that the app writes to stdout arrive complete and in order', async () => {
  const expected = await throughPipe(MUCH);
  assert.equal(expected.bytes, 100_000_000);
  const command = ['sh', '-c', '"$@"; exit 7', 'sh', ...MUCH];
  const seen = await throughPipe([process.execPath, BIN, '--health-port=0', '--', ...command]);
  assert.deepEqual({ ...seen, code: 0 }, expected);
  assert.equal(seen.code, 7);
});

test('when the app and k8s-run share one pipe, the app’s output and each line of the log stay whole', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'k8s-run-'));
  const path = join(folder, 'both');
  const both = openSync(path, 'a');
  try {
    // cat makes it a pipe, and reads it no faster than a disk takes it.
    const script = '"$@" 2>&1 | cat';
    const app = ['sh', '-c', 'seq 1000000; kill -USR1 $PPID; seq 1000000 2000000', 'app'];
    const run = await finish(['--rewrite', 'USR1:0'], app, {
      prefix: ['sh', '-c', script, 'sh'],
      stdio: ['ignore', both, both],
    });
    assert.equal(run.code, 0);
    const text = readFileSync(path, 'latin1');
    const log = text.match(/\{"level":[^\n]*\}\n/g) ?? [];
    const events = log.map((line) => (JSON.parse(line) as { event: string }).event);
    assert.deepEqual([events[0], events.at(-1)], ['starting', 'exited']);
    assert.ok(events.includes('signal'));
    const numbers = text.replaceAll(/\{"level":[^\n]*\}\n/g, '');
    const expected = [...Array(1_000_000).keys(), ...Array.from({ length: 1_000_001 }, (_, i) => i + 999_999)];
    assert.ok(numbers === `${expected.map((number) => number + 1).join('\n')}\n`, 'not a digit is missing');
  } finally {
    closeSync(both);
    await rm(folder, { recursive: true, force: true });
  }
});

test('an app that closes its stdin, stdout and stderr is supervised like any other', async () => {
  const run = await finish([], ['sh', '-c', 'exec 0<&- 1>&- 2>&-; sleep 0.2; exit 6']);
  assert.deepEqual([run.code, lastLine(run)['code']], [6, 6]);
});

test('k8s-run started without stdin, stdout and stderr exits with the app’s code', async () => {
  const prefix = ['sh', '-c', 'exec "$@" 0<&- 1>&- 2>&-', 'sh'];
  assert.equal((await finish([], ['sh', '-c', 'exit 6'], { prefix })).code, 6);
});

test('what is written to the stdin of k8s-run reaches the app, and so does its end', async () => {
  const child = spawn(process.execPath, [BIN, '--health-port', 'off', '--', 'wc', '-c'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: cleanEnvironment(),
    detached: true,
  });
  try {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.stdin.end('x'.repeat(300_000));
    assert.equal(await soon('the end', closed), 0);
    assert.equal(text.trim(), '300000');
  } finally {
    if (child.pid !== undefined) killGroup(child.pid);
  }
});

async function throughPipe([program = '', ...args]: readonly string[]): Promise<{
  readonly bytes: number;
  readonly hash: string;
  readonly code: number | null;
}> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], env: cleanEnvironment(), detached: true });
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    child.stdout.on('data', (part: Buffer) => {
      bytes += part.length;
      hash.update(part);
    });
    const code = await soon(
      `the end of ${program}`,
      new Promise<number | null>((resolve) => child.once('close', resolve)),
    );
    return { bytes, hash: hash.digest('hex'), code };
  } finally {
    if (child.pid !== undefined) killGroup(child.pid);
  }
}
