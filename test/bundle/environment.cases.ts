import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { until } from '../rig/deadline.ts';
import { finish } from '../rig/finished.ts';
import { firstIn } from '../rig/namespace.ts';
import { start } from '../rig/supervised.ts';
import { cannotRun, compile, inRoot, makeRoot, PLACE, ROOTS, type Scratch, scratch } from './roots.ts';

/** Each would do something to a Node, its libraries or its loader; the app must have them all. */
const MEANT_FOR_THE_APP = {
  LD_PRELOAD: '/preload/preload.so',
  LD_LIBRARY_PATH: '/preload',
  LD_AUDIT: '/preload/preload.so',
  LD_DEBUG: 'all',
  LD_TRACE_LOADED_OBJECTS: '1',
  GLIBC_TUNABLES: 'glibc.malloc.check=3',
  MALLOC_ARENA_MAX: '7',
  NODE_OPTIONS: '--require /preload/none.js --inspect=127.0.0.1:0',
  NODE_DEBUG: 'http,net,timer',
  NODE_V8_COVERAGE: '/preload/coverage',
  NODE_COMPILE_CACHE: '/preload/cache',
  NODE_EXTRA_CA_CERTS: '/preload/none.pem',
  NODE_ICU_DATA: '/preload',
  NODE_REDIRECT_WARNINGS: '/preload/warnings',
  OPENSSL_CONF: '/preload/openssl.cnf',
  SSLKEYLOGFILE: '/preload/keys',
  UV_THREADPOOL_SIZE: '1',
  TZ: 'Asia/Tokyo',
  _K8S_RUN_LAUNCHER: '/opt/k8s-run/bin/k8s-run',
  _K8S_RUN_FOR_THE_APP: '{"EVIL":"1"}',
  '+PATH': '/nowhere',
  EMPTY: '',
  PATH: '/usr/bin:/bin',
};
const LAUNCHED = { program: [`${PLACE}/bin/k8s-run`] };

describe('the environment in the portable folder', { skip: cannotRun('gcc', 'patchelf') }, () => {
  let root: Scratch;
  before(() => {
    root = scratch();
    const [empty] = ROOTS;
    if (empty !== undefined) makeRoot(empty, root.path);
    const preload = `${root.path}/preload`;
    mkdirSync(preload, { mode: 0o777 });
    compile('preload.c', `${preload}/preload.so`, 'gcc', '-shared', '-fPIC');
    for (const each of ['libc.so.6', 'libm.so.6', 'libstdc++.so.6'])
      cpSync(`${preload}/preload.so`, `${preload}/${each}`);
  });
  after(() => root[Symbol.dispose]());

  // The outer programs of the test are no part of it: the variables come in where k8s-run is executed.
  const inThatEnvironment = (): readonly string[] => {
    const words = Object.entries(MEANT_FOR_THE_APP).map(([name, value]) => `${name}=${value}`);
    return [...inRoot(root.path, false), '/env', '-i', ...words];
  };
  before(() => compile('env.c', `${root.path}/env`));

  test('the environment reaches the app unchanged, and does not act on k8s-run in the portable folder', async () => {
    const { code, stdout, stderr } = await finish(['--log-level', 'debug'], ['/app', 'environment'], {
      ...LAUNCHED,
      prefix: inThatEnvironment(),
      env: {},
    });
    assert.equal(code, 0, stderr);
    const got = stdout.trimEnd().split('\n').sort();
    const given = Object.entries(MEANT_FOR_THE_APP).map(([name, value]) => `${name}=${value}`);
    assert.deepEqual(got, given.sort());
    // Every line is one of ours.
    assert.deepEqual(
      stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{"level"')),
      [],
    );
    for (const each of ['coverage', 'cache', 'warnings', 'keys'])
      assert.ok(!existsSync(`${root.path}/preload/${each}`));
  });

  test('K8S_RUN_ variables work in the portable folder', async () => {
    const prefix = [...inRoot(root.path, false), '/env', '-i', 'K8S_RUN_REMAP_EXIT=0:9', 'K8S_RUN_LOG_LEVEL=error'];
    const { code, stderr } = await finish([], ['/app', 'check'], { ...LAUNCHED, prefix, env: {} });
    assert.deepEqual({ code, stderr }, { code: 9, stderr: '' });
  });

  test('a thousand links to Services and a value of 100 KB reach the app', async () => {
    const links = Array.from({ length: 1000 }, (_, index) => `SERVICE_${index}_PORT=tcp://10.0.0.1:${index}`);
    const all = [...links, `LONG=${'x'.repeat(100_000)}`, 'ÜMLAUT=ß'];
    const prefix = [...inRoot(root.path, false), '/env', '-i', ...all];
    const { code, stdout } = await finish([], ['/app', 'environment'], { ...LAUNCHED, prefix, env: {} });
    assert.equal(code, 0);
    assert.deepEqual(stdout.trimEnd().split('\n').sort(), all.sort());
  });

  test('SIGUSR1 opens no inspector in the portable folder, however early it comes', async () => {
    await using run = start(['--ready', 'none', '--shutdown-delay', '0', '--rewrite', 'USR1:0'], ['/app', '0'], {
      ...LAUNCHED,
      prefix: inRoot(root.path, false),
      env: {},
    });
    const first = await firstIn(run.pid);
    // From before the runtime has begun until the app is there, whom it would end if it were passed on.
    await until('the app', () => {
      process.kill(first, 'SIGUSR1');
      return run.events().includes('spawned');
    });
    process.kill(first, 'SIGTERM');
    await run.ended();
    assert.doesNotMatch(run.stderr(), /Debugger/);
  });
});
