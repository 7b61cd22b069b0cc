import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { BIN, start } from '../../rig/supervised.ts';

const APP = ['sh', '-c', 'trap "exit 7" TERM; echo up; while :; do sleep 0.1; done'];
const PACKAGE = dirname(dirname(BIN));

/** The installed package without one of its files, so that a room can never be had. */
function crippled(file: string): { readonly bin: string } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'crippled-'));
  for (const part of ['package.json', 'bin', 'dist'])
    cpSync(join(PACKAGE, part), join(folder, part), { recursive: true });
  rmSync(join(folder, 'dist/later', file));
  return { bin: join(folder, 'bin/k8s-run.js'), [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

for (const file of [
  'supervisor-health-wiring.js',
  'probe-registry.js',
  'resources-usage.js',
  'resources-memory-reclaim.js',
]) {
  test(`without ${file} the fault is said, the app lives on, TERM and the exit code work`, async () => {
    using without = crippled(file);
    await using run = start([], APP, { bin: without.bin });
    await until('the app is up', () => run.stdout().includes('up'));
    const fault = await run.line('fault');
    assert.match(fault.msg, /^internal error in (health|probe|resources): /);
    run.kill('SIGTERM');
    assert.deepEqual(await run.ended(), { code: 7, signal: null });
    assert.equal((await run.line('exited'))['code'], 7);
  });
}

test('without its limits the app is started as it is', async () => {
  using without = crippled('environment-resource-environment.js');
  await using run = start(['--resource-env'], ['sh', '-c', 'exit 7'], { bin: without.bin });
  assert.equal((await run.ended()).code, 7);
  assert.match((await run.line('warning')).msg, /^cannot read the container's limits for --resource-env: /);
});

test('without the words of a death certificate a death is a warning more, and the exit code works', async () => {
  using without = crippled('exit-termination-log.js');
  await using run = start([], APP, { bin: without.bin });
  await until('the app is up', () => run.stdout().includes('up'));
  run.kill('SIGTERM');
  assert.deepEqual(await run.ended(), { code: 7, signal: null });
  assert.match((await run.line('warning')).msg, /^cannot write the termination log: /);
  assert.equal(run.events().at(-1), 'exited');
});

test('without its form the log is lost, and nothing else', async () => {
  using without = crippled('log-json.js');
  await using run = start([], APP, { bin: without.bin });
  await until('the app is up', () => run.stdout().includes('up'));
  run.kill('SIGTERM');
  assert.deepEqual(await run.ended(), { code: 7, signal: null });
});
