import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { finishWords } from '../../rig/finished.ts';
import { BIN, start } from '../../rig/supervised.ts';

const APP = ['sh', '-c', 'trap "exit 7" TERM; echo up; while :; do sleep 0.1; done'];
const PACKAGE = dirname(dirname(BIN));

type Copy = { readonly bin: string } & Disposable;

/** A copy of the installed package of which `change` gets dist/. */
function copyOfPackage(change: (dist: string) => void): Copy {
  const folder = mkdtempSync(join(tmpdir(), 'k8s-run-copy-'));
  for (const part of ['package.json', 'bin', 'dist'])
    cpSync(join(PACKAGE, part), join(folder, part), { recursive: true });
  change(join(folder, 'dist'));
  return { bin: join(folder, 'bin/k8s-run.js'), [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

function packageWithout(file: string): Copy {
  return copyOfPackage((dist) => rmSync(join(dist, file)));
}

/** With one file that throws, so that its room never works. */
function packageWithBroken(file: string): Copy {
  return copyOfPackage((dist) => writeFileSync(join(dist, file), `throw new Error('${file} is broken')`));
}

for (const file of [
  'supervisor-health-wiring.js',
  'probe-registry.js',
  'resources-usage.js',
  'resources-memory-reclaim.js',
]) {
  test(`with a broken ${file} the fault is logged, the app lives on, TERM and the exit code work`, async () => {
    using broken = packageWithBroken(`later/${file}`);
    await using run = start([], APP, { bin: broken.bin });
    await until('the app is up', () => run.stdout().includes('up'));
    const { msg } = await run.line('fault');
    assert.match(msg, /^internal error in (health|probe|resources): /);
    assert.ok(msg.includes(file), msg);
    run.kill('SIGTERM');
    assert.deepEqual(await run.ended(), { code: 7, signal: null });
    assert.equal((await run.line('exited'))['code'], 7);
  });
}

test('the page of /statusz is loaded for a browser only, and where that fails JSON is there all the same', async () => {
  using broken = packageWithBroken('later/health-status-page.js');
  await using run = start(['--ready', 'none'], APP, { bin: broken.bin });
  await run.line('ready');
  const status = async (accept: string): Promise<number> => (await run.get('/statusz', { headers: { accept } })).status;
  assert.deepEqual([await status('*/*'), run.events().includes('fault')], [200, false]);
  assert.equal(await status('text/html'), 500);
  assert.match((await run.line('fault')).msg, /^internal error in health: /);
  assert.equal(await status('*/*'), 200);
});

test('nothing of --otlp is loaded without it', async () => {
  using broken = copyOfPackage((dist) => {
    const parts = readdirSync(join(dist, 'later')).filter((file) => file.startsWith('otlp-'));
    assert.ok(parts.length > 0);
    for (const file of parts) writeFileSync(join(dist, 'later', file), `throw new Error('${file} is loaded')`);
  });
  await using run = start(['--ready=none', '--post-exit=true'], APP, { bin: broken.bin });
  await until('the app is up', () => run.stdout().includes('up'));
  await run.line('ready');
  assert.equal((await run.get('/metrics')).status, 200);
  run.kill('SIGTERM');
  assert.deepEqual(await run.ended(), { code: 7, signal: null });
  assert.deepEqual(run.stderr().match(/.*(is loaded|"fault"|"warning").*/g), null);
});

for (const [file, said] of Object.entries({
  'otlp-telemetry.js': /^--otlp has no effect: /,
  'otlp-exporter.js': /^internal error in otlp: /,
  'otlp-resource.js': /^internal error in otlp: /,
})) {
  test(`with --otlp and a broken ${file} one line says so, TERM and the exit code work`, async () => {
    using broken = packageWithBroken(`later/${file}`);
    await using run = start(['--ready=none', '--otlp=http://127.0.0.1:9', '--post-exit=true'], APP, {
      bin: broken.bin,
    });
    await until('the app is up', () => run.stdout().includes('up'));
    await run.line('ready');
    assert.equal((await run.get('/metrics')).status, 200);
    run.kill('SIGTERM');
    assert.deepEqual(await run.ended(), { code: 7, signal: null });
    const lines = run.lines().filter(({ event }) => event === 'fault' || event === 'warning');
    assert.equal(lines.length, 1, run.stderr());
    assert.match(lines[0]?.msg ?? '', said);
    assert.equal(run.events().at(-1), 'exited');
  });
}

test('with a broken environment-resource-environment.js the app is started with its variables as they are', async () => {
  using broken = packageWithBroken('later/environment-resource-environment.js');
  await using run = start(['--resource-env'], ['sh', '-c', 'exit 7'], { bin: broken.bin });
  assert.equal((await run.ended()).code, 7);
  assert.match((await run.line('warning')).msg, /^cannot read the container's limits for --resource-env: /);
});

test('with a broken exit-termination-log.js a warning is logged, and the exit code works', async () => {
  using broken = packageWithBroken('later/exit-termination-log.js');
  await using run = start([], APP, { bin: broken.bin });
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
  test(`with a broken ${file} there is no log, stderr says so once, TERM and the exit code work`, async () => {
    using broken = packageWithBroken(`later/${file}`);
    await using run = start(options, APP, { bin: broken.bin });
    await until('the app is up', () => run.stdout().includes('up'));
    run.kill('SIGTERM');
    assert.deepEqual(await run.ended(), { code: 7, signal: null });
    const said = run.stderr().match(/^(k8s-run|\{).*$/gm) ?? [];
    assert.equal(said.length, 1, run.stderr());
    assert.match(said.join(), new RegExp(`^k8s-run: internal error: later/${file} is broken; nothing is logged`));
  });
}

for (const [file, words] of Object.entries({
  'main.js': ['--', 'true'],
  'later/cli-probe.js': ['probe'],
})) {
  test(`without ${file} \`k8s-run ${words.join(' ')}\` says which file is missing, and exits with 70`, async () => {
    using without = packageWithout(file);
    const { code, stderr } = await finishWords(words, { bin: without.bin });
    assert.equal(code, 70);
    assert.match(stderr, new RegExp(`^k8s-run: internal error: cannot load dist/${file}: no such file; .*\n$`));
  });
}

for (const part of readdirSync(join(PACKAGE, 'dist/later'))) {
  test(`without later/${part} k8s-run starts nothing, says which file is missing, and exits with 70`, async () => {
    using without = packageWithout(`later/${part}`);
    const { code, stdout, stderr } = await finishWords(['--', 'echo', 'up'], { bin: without.bin });
    assert.equal(code, 70);
    assert.equal(stdout, '');
    assert.match(stderr, new RegExp(`^k8s-run: internal error: cannot load dist/later/${part}: no such file; .*\n$`));
  });
}

test('without later/ k8s-run starts nothing and exits with 70', async () => {
  using without = copyOfPackage((dist) => rmSync(join(dist, 'later'), { recursive: true }));
  const { code, stderr } = await finishWords(['--', 'true'], { bin: without.bin });
  assert.equal(code, 70);
  assert.match(stderr, /^k8s-run: internal error: cannot load dist\/later\/[\w-]+\.js: no such file; /);
});
