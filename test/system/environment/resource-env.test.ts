import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { makeControlGroup, noControlGroup } from '../../rig/control-group.ts';
import { finish, finishWords } from '../../rig/finished.ts';
import { needs } from '../../rig/needs.ts';
import { cleanEnvironment } from '../../rig/supervised.ts';

/** One and a quarter processors, 384 MiB: not what any runtime would take by itself. */
const LIMITS = { processors: 1.25, mebibytes: 384 };
const MIB = 2 ** 20;
const QUIET = ['--resource-env', '--log-level=silent'];

describe('in a control group with limits', { skip: noControlGroup }, () => {
  test('--resource-env sets the heap and the threads of node', async () => {
    await using group = makeControlGroup(LIMITS);
    const script = `
      const { heap_size_limit } = require('node:v8').getHeapStatistics();
      console.log(JSON.stringify([heap_size_limit, process.env.UV_THREADPOOL_SIZE, process.env.NODE_OPTIONS]));`;
    const run = await finish(QUIET, [process.execPath, '-e', script], group);
    const [heap, threads, options] = JSON.parse(run.stdout);
    assert.equal(options, `--max-old-space-size=${0.75 * (384 - 24)}`);
    // The young generation is on top of the old one.
    assert.ok(heap >= 270 * MIB && heap < 384 * MIB, run.stdout);
    assert.equal(threads, '4');
  });

  test('--resource-env sets the processors and the heap of java', { skip: needs('java') }, async () => {
    await using group = makeControlGroup(LIMITS);
    const show = ['java', '-Xshare:auto', '-XX:+PrintFlagsFinal', '-version'];
    const run = await finish(QUIET, show, group);
    const flag = (name: string): number => Number(new RegExp(`\\b${name}\\s*=\\s*([\\d.]+)`).exec(run.stdout)?.[1]);
    assert.equal(flag('ActiveProcessorCount'), 2);
    assert.equal(flag('MaxRAMPercentage'), 70.3);
    const heap = flag('MaxHeapSize') / MIB;
    assert.ok(heap > 260 && heap <= 272, `${heap} MiB: 75 % of 360, in whole regions`);
  });

  test('--resource-env sets the processors of python', { skip: needs('python3') }, async () => {
    await using group = makeControlGroup(LIMITS);
    const script = 'import os, sys; print(sys.version_info >= (3, 13), os.cpu_count(), os.environ["PYTHON_CPU_COUNT"])';
    const run = await finish(QUIET, ['python3', '-c', script], group);
    const [heeds, count, told] = run.stdout.trim().split(' ');
    assert.equal(told, '2');
    if (heeds === 'True') assert.equal(count, '2');
  });

  test('k8s-run env shows what --resource-env sets, as text, as JSON and for a shell', async () => {
    await using group = makeControlGroup(LIMITS);
    const env = { ...cleanEnvironment(), UV_THREADPOOL_SIZE: 'secret' };
    const text = await finishWords(['env'], { env, prefix: group.prefix });
    assert.deepEqual([text.code, text.stderr], [0, '']);
    assert.match(text.stdout, /^ {2}processors {2}1\.25 .*cpu/m);
    assert.match(text.stdout, /^ {2}memory {6}384 MiB .*memory\./m);
    assert.match(text.stdout, /360 MiB .*24 MiB are k8s-run's/);
    assert.match(text.stdout, /^ {2}GOMAXPROCS=2 +Go: /m);
    assert.match(text.stdout, /\nSet by --web-concurrency\n {2}WEB_CONCURRENCY=2 /);
    assert.match(text.stdout, /Left alone\n {2}UV_THREADPOOL_SIZE +Node\.js \(libuv\): it is set$/m);
    const json = await finishWords(['env', '--json'], { env, prefix: group.prefix });
    const { limits, variables } = JSON.parse(json.stdout);
    assert.deepEqual([limits.processors.limit, limits.memory.bytes], [1.25, 384 * MIB]);
    assert.equal(variables.length, 13);
    const words = ['sh', '-c', 'eval "$("$@")"; printenv GOMEMLIMIT JAVA_TOOL_OPTIONS UV_THREADPOOL_SIZE', 'sh'];
    const shell = await finishWords(['env', '--export'], { env, prefix: [...group.prefix, ...words] });
    assert.equal(shell.stdout, '324MiB\n-XX:ActiveProcessorCount=2 -XX:MaxRAMPercentage=70.3\nsecret\n');
    for (const { stdout } of [text, json]) assert.doesNotMatch(stdout, /secret/);
  });

  test('WEB_CONCURRENCY is set when it is asked for, and not by --resource-env', async () => {
    await using group = makeControlGroup(LIMITS);
    const script = `
      const { WEB_CONCURRENCY = 'unset', GOMAXPROCS = 'unset', MALLOC_ARENA_MAX = 'unset' } = process.env;
      console.log(WEB_CONCURRENCY, GOMAXPROCS, MALLOC_ARENA_MAX);`;
    const seen = async (...options: readonly string[]): Promise<string> =>
      (await finish([...options, '--log-level=silent'], [process.execPath, '-e', script], group)).stdout.trim();
    assert.equal(await seen('--resource-env'), 'unset 2 16');
    assert.equal(await seen('--web-concurrency'), '2 unset unset');
    assert.equal(await seen('--resource-env', '--web-concurrency'), '2 2 16');
    const told = await finishWords(['env', '--export'], { env: cleanEnvironment(), prefix: group.prefix });
    assert.doesNotMatch(told.stdout, /WEB_CONCURRENCY/);
  });

  test('--resource-env does not stop a program that calls uvicorn.run', { skip: needs('uvicorn') }, async () => {
    await using group = makeControlGroup(LIMITS);
    // Where it may start no workers, uvicorn exits with 1 before it starts the app.
    const script = `
import os, uvicorn
async def app(scope, receive, send):
    os._exit(7)
uvicorn.run(app, port=0)`;
    assert.equal((await finish(QUIET, ['/usr/bin/python3', '-c', script], group)).code, 7);
    const asked = [...QUIET, '--web-concurrency'];
    assert.equal((await finish(asked, ['/usr/bin/python3', '-c', script], group)).code, 1);
  });

  test('--resource-env leaves variables that are set, and the app gets what k8s-run env --export shows', async () => {
    await using group = makeControlGroup(LIMITS);
    const env = { ...cleanEnvironment(), NODE_OPTIONS: '', OMP_NUM_THREADS: '7' };
    const where = { env, prefix: group.prefix };
    const app = await finish(QUIET, ['env', '-0'], where);
    const told = await finishWords(['env', '--export'], where);
    const variables = new Set(app.stdout.split('\0'));
    for (const kept of ['NODE_OPTIONS=', 'OMP_NUM_THREADS=7']) assert.ok(variables.has(kept), kept);
    const exported = told.stdout
      .trim()
      .split('\n')
      .map((line) => line.replace('export ', '').replaceAll("'", ''));
    assert.equal(exported.length, 10);
    for (const line of exported) assert.ok(variables.has(line), line);
    const off = await finish(['--log-level=silent'], ['printenv', 'GOMAXPROCS'], where);
    assert.equal(off.stdout, '');
  });
});

test('k8s-run env refuses words, and two formats at once', async () => {
  for (const [words, complaint] of [
    [['env', 'x'], /k8s-run env: too many arguments/],
    [['env', '--', 'x'], /k8s-run env: too many arguments/],
    [['env', '--json', '--export'], /k8s-run env: option '--export' cannot be used with option '--json'/],
  ] as const) {
    const run = await finishWords(words);
    assert.deepEqual([run.code, run.stdout], [64, '']);
    assert.match(run.stderr, complaint);
  }
});
