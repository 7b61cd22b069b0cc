import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { finishWords } from '../../rig/finished.ts';
import { BIN, start } from '../../rig/supervised.ts';

const APP = ['sh', '-c', 'trap "exit 7" TERM; echo up; while :; do sleep 0.1; done'];
const PACKAGE = dirname(dirname(BIN));

/** The installed package without one of its files, so that a room can never be had. */
function crippled(file: string): { readonly bin: string } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'crippled-'));
  for (const part of ['package.json', 'bin', 'dist'])
    cpSync(join(PACKAGE, part), join(folder, part), { recursive: true });
  rmSync(join(folder, 'dist', file));
  return { bin: join(folder, 'bin/k8s-run.js'), [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

for (const file of [
  'supervisor-health-wiring.js',
  'probe-registry.js',
  'resources-usage.js',
  'resources-memory-reclaim.js',
]) {
  test(`without ${file} the fault is logged, the app lives on, TERM and the exit code work`, async () => {
    using without = crippled(`later/${file}`);
    await using run = start([], APP, { bin: without.bin });
    await until('the app is up', () => run.stdout().includes('up'));
    const { msg } = await run.line('fault');
    assert.match(msg, /^internal error in (health|probe|resources): /);
    assert.ok(msg.includes(file), msg);
    run.kill('SIGTERM');
    assert.deepEqual(await run.ended(), { code: 7, signal: null });
    assert.equal((await run.line('exited'))['code'], 7);
  });
}

test('without environment-resource-environment.js the app is started with its variables as they are', async () => {
  using without = crippled('later/environment-resource-environment.js');
  await using run = start(['--resource-env'], ['sh', '-c', 'exit 7'], { bin: without.bin });
  assert.equal((await run.ended()).code, 7);
  assert.match((await run.line('warning')).msg, /^cannot read the container's limits for --resource-env: /);
});

test('without exit-termination-log.js a warning is logged, and the exit code works', async () => {
  using without = crippled('later/exit-termination-log.js');
  await using run = start([], APP, { bin: without.bin });
  await until('the app is up', () => run.stdout().includes('up'));
  run.kill('SIGTERM');
  assert.deepEqual(await run.ended(), { code: 7, signal: null });
  assert.match((await run.line('warning')).msg, /^cannot write the termination log: /);
  assert.equal(run.events().at(-1), 'exited');
});

for (const [file, options] of Object.entries({
  'log-json.js': [],
  'log-pretty.js': ['--log-format=pretty'],
  // The rig reads stderr through a socket.
  'log-socket.js': [],
})) {
  test(`without ${file} there is no log, stderr says once which file is missing, TERM and the exit code work`, async () => {
    using without = crippled(`later/${file}`);
    await using run = start(options, APP, { bin: without.bin });
    await until('the app is up', () => run.stdout().includes('up'));
    run.kill('SIGTERM');
    assert.deepEqual(await run.ended(), { code: 7, signal: null });
    const said = run.stderr().match(/^(k8s-run|\{).*$/gm) ?? [];
    assert.equal(said.length, 1, run.stderr());
    assert.match(said.join(), new RegExp(`^k8s-run: internal error: .*dist/later/${file}: no such file; `));
  });
}

for (const [file, words] of Object.entries({
  'main.js': ['--', 'true'],
  'later/cli-probe.js': ['probe'],
  'later/cli-check.js': ['check', '-'],
  'later/cli-help.js': ['--help'],
  'later/cli-report-mistakes.js': ['--grace=never', '--', 'true'],
})) {
  test(`without ${file} \`k8s-run ${words.join(' ')}\` says which file is missing, and exits with 70`, async () => {
    using without = crippled(file);
    const { code, stderr } = await finishWords(words, { bin: without.bin });
    assert.equal(code, 70);
    assert.match(stderr, new RegExp(`^k8s-run: internal error: cannot load dist/${file}: no such file; .*\n$`));
  });
}
