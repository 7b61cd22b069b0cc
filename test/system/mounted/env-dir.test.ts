import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { variablesIn } from '../../../src/environment/env-dir.ts';
import { until } from '../../rig/deadline.ts';
import { finish } from '../../rig/finished.ts';
import { mountedVolume } from '../../rig/mounted-volume.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { cleanEnvironment } from '../../rig/supervised.ts';

type Described = { readonly env: Readonly<Record<string, string>> };

test('--env-dir makes each file a variable, without the newline at its end', async () => {
  await using volume = await mountedVolume({
    GREETING: 'hello\n',
    TWO_LINES: 'a\nb\n\n',
    WINDOWS: 'c\r\n',
    PLAIN: 'd',
    EMPTY: '',
    UMLAUT: 'Köln',
  });
  await using run = await startPuppet([`--env-dir=${volume.path}`]);
  const { env } = await run.puppet.tell<Described>({ do: 'describe' });
  const { GREETING, TWO_LINES, WINDOWS, PLAIN, EMPTY, UMLAUT } = env;
  assert.deepEqual(
    { GREETING, TWO_LINES, WINDOWS, PLAIN, EMPTY, UMLAUT },
    { GREETING: 'hello', TWO_LINES: 'a\nb\n', WINDOWS: 'c', PLAIN: 'd', EMPTY: '', UMLAUT: 'Köln' },
  );
  assert.deepEqual(run.events().includes('warning'), false, run.stderr());
});

test('a later --env-dir wins over an earlier one, both over the environment, and other variables stay', async () => {
  await using first = await mountedVolume({ A: 'first', B: 'first' });
  await using second = await mountedVolume({ B: 'second' });
  const env = { ...cleanEnvironment(), A: 'image', B: 'image', C: 'image' };
  await using run = await startPuppet([`--env-dir=${first.path}`, `--env-dir=${second.path}`], { env });
  const described = await run.puppet.tell<Described>({ do: 'describe' });
  assert.deepEqual([described.env['A'], described.env['B'], described.env['C']], ['first', 'second', 'image']);
});

test('K8S_RUN_ENV_DIR may name several folders', async () => {
  await using first = await mountedVolume({ A: '1' });
  await using second = await mountedVolume({ B: '2' });
  const env = { ...cleanEnvironment(), K8S_RUN_ENV_DIR: `${first.path},${second.path}` };
  await using run = await startPuppet([], { env });
  const described = await run.puppet.tell<Described>({ do: 'describe' });
  assert.deepEqual([described.env['A'], described.env['B']], ['1', '2']);
});

test('--env-dir names and leaves out files that cannot be a variable, and logs no value', async () => {
  await using volume = await mountedVolume({
    GOOD: 'secret-good',
    'application.properties': 'secret-dots',
    '9LIVES': 'secret-digit',
    NUL: 'secret\0nul',
    BYTES: Buffer.from([0xff, 0xfe, 0x00, 0x01]),
    LATIN: Buffer.from([0x66, 0xfc]),
    LONG: 'secret'.repeat(30_000),
    '.hidden': 'secret-hidden',
  });
  await mkdir(join(volume.path, 'FOLDER'));
  execFileSync('mkfifo', [join(volume.path, '..data', 'PIPE')]);
  await using run = await startPuppet([`--env-dir=${volume.path}`, '--log-level=debug']);
  const { env } = await run.puppet.tell<Described>({ do: 'describe' });
  assert.equal(env['GOOD'], 'secret-good');
  const left = ['application.properties', '9LIVES', 'NUL', 'BYTES', 'LATIN', 'LONG', '.hidden', 'FOLDER', 'PIPE'];
  assert.deepEqual(
    left.filter((name) => name in env),
    [],
  );
  const warned = run.lines().filter(({ event }) => event === 'warning');
  const named = ['application.properties', '9LIVES', 'NUL', 'BYTES', 'LATIN', 'LONG', 'PIPE'];
  assert.deepEqual(warned.map(({ msg }) => msg.split(' ')[0]).sort(), named.sort());
  assert.doesNotMatch(run.stderr(), /secret/);
});

test('NODE_OPTIONS and K8S_RUN_… in --env-dir reach the app and do not act on k8s-run', async () => {
  await using volume = await mountedVolume({ NODE_OPTIONS: '--no-such-option', K8S_RUN_GRACE: 'nonsense' });
  const ended = await finish([`--env-dir=${volume.path}`], ['sh', '-c', 'test "$NODE_OPTIONS" = --no-such-option']);
  assert.equal(ended.code, 0, ended.stderr);
});

test('a folder of --env-dir that does not exist is a mistake, and nothing is started', async () => {
  await using volume = await mountedVolume({ FILE: 'x' });
  await writeFile(join(volume.path, 'plain'), 'x');
  for (const [folder, right] of [
    [join(volume.path, 'missing'), /--env-dir.*missing.*is the volume mounted\?/],
    [join(volume.path, 'plain'), /--env-dir.*plain.*not a folder/],
  ] as const) {
    const ended = await finish([`--env-dir=${folder}`], ['echo', 'started']);
    assert.deepEqual([ended.code, ended.stdout], [78, '']);
    assert.match(ended.stderr, right);
  }
});

test('missing folders of K8S_RUN_ENV_DIR are reported together with all other mistakes', async () => {
  await using volume = await mountedVolume({ FILE: 'x' });
  const [one, other] = [join(volume.path, 'one'), join(volume.path, 'other')];
  const env = { ...cleanEnvironment(), K8S_RUN_ENV_DIR: `${one},${other}` };
  const { code, stderr } = await finish(['--grace=soon'], ['true'], { env });
  assert.equal(code, 78);
  for (const each of ['--grace "soon"', `K8S_RUN_ENV_DIR "${one}"`, `K8S_RUN_ENV_DIR "${other}"`]) {
    assert.ok(stderr.includes(JSON.stringify(each).slice(1, -1)), `${each} in ${stderr}`);
  }
});

/** Swaps the version of a volume as fast as it can. All keys of a version have the same value. */
const SWAP_LOOP = `
const { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } = require('node:fs');
process.chdir(process.argv[1]);
for (let version = 2; ; version += 1) {
  mkdirSync('..loop-' + version);
  for (const key of ['A', 'B', 'C']) writeFileSync('..loop-' + version + '/' + key, String(version));
  symlinkSync('..loop-' + version, '..data_tmp');
  renameSync('..data_tmp', '..data');
  rmSync('..loop-' + (version - 1), { recursive: true, force: true });
}`;

test('variables of a volume that is swapped all the time are of one version', async () => {
  await using volume = await mountedVolume({ A: '1', B: '1', C: '1' });
  const swapper = spawn(process.execPath, ['-e', SWAP_LOOP, volume.path], { stdio: 'ignore' });
  try {
    await until('the first swap', () => readlinkSync(join(volume.path, '..data')).startsWith('..loop'));
    for (let count = 0; count < 2_000; count += 1) {
      const read = variablesIn([volume.path], '--env-dir');
      assert.ok('variables' in read, JSON.stringify(read));
      const { A } = read.variables;
      assert.deepEqual(read, { variables: { A, B: A, C: A }, remarks: [] });
    }
  } finally {
    const gone = new Promise((resolve) => swapper.once('exit', resolve));
    swapper.kill('SIGKILL');
    await gone;
  }
});
