import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { constants, getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { finish } from '../../rig/finished.ts';
import { startPuppet } from '../../rig/puppet.ts';

test('the app runs in the working directory of k8s-run', async () => {
  const cwd = await realpath(await mkdtemp(join(tmpdir(), 'k8s-run-')));
  try {
    assert.equal((await finish([], ['pwd', '-P'], { cwd })).stdout, `${cwd}\n`);
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
});

test('the app gets the environment of k8s-run unchanged and in the same order', async () => {
  const given = {
    ZED: 'last letter first',
    PATH: '/usr/bin:/bin',
    EMPTY: '',
    LINES: 'one\ntwo',
    EQUALS: 'a=b=c',
    UTF8: 'grüße ☸',
    K8S_RUN_GRACE: '7s',
    NODE_ENV: 'production',
    npm_config_x: 'y',
    'strange name': 'as it is',
  };
  // env -i, so that what the test run has is out of it; env -0 tells it as it is.
  const words = Object.entries(given).map(([name, value]) => `${name}=${value}`);
  const run = await finish([], ['env', '-0'], { prefix: ['env', '-i', ...words] });
  assert.equal(run.code, 0);
  assert.deepEqual(run.stdout.split('\0').slice(0, -1), words);
});

test('an app started with an empty environment gets an empty environment', async () => {
  const run = await finish([], ['/usr/bin/env'], { prefix: ['env', '-i'] });
  assert.deepEqual([run.code, run.stdout], [0, '']);
});

test('the arguments reach the app as they are', async () => {
  const words = ['', ' ', '--help', '--', '-', '$HOME', '*', "it's", 'two\nlines', 'grüße', '--grace=1'];
  const run = await finish([], ['printf', '%s\\0', ...words]);
  assert.deepEqual(run.stdout.split('\0').slice(0, -1), words);
});

test('off a terminal the app leads a session and a group of its own, and is a child of k8s-run', async () => {
  await using run = await startPuppet([]);
  const { pid, ppid, stat } = await run.puppet.tell<{ pid: number; ppid: number; stat: string }>({ do: 'describe' });
  const [, , group, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  assert.deepEqual([ppid, Number(group), Number(session)], [run.pid, pid, pid]);
  assert.equal(await run.appPid(), pid);
});

test('no descriptor of k8s-run leaks into the app', async () => {
  const direct = spawnSync('ls', ['/proc/self/fd'], { encoding: 'utf8' }).stdout.split('\n');
  const run = await finish(['--ready', 'process'], ['ls', '/proc/self/fd']);
  assert.deepEqual(
    run.stdout.split('\n').filter((fd) => !direct.includes(fd)),
    [],
  );
});

test('the app inherits umask, limits, niceness, groups and capabilities unchanged', async () => {
  const script = 'umask 027; ulimit -n 333; exec nice -n 3 "$@"';
  const told = ['sh', '-c', 'umask; ulimit -n; nice; grep -E "^(Cap|NoNewPrivs|Seccomp:|Groups)" /proc/self/status'];
  const direct = spawnSync('sh', ['-c', script, 'sh', ...told], { encoding: 'utf8' });
  const run = await finish([], told, { prefix: ['sh', '-c', script, 'sh'] });
  // 19 is the most, however much is asked for: nice(2).
  const niceness = Math.min(getPriority() + 3, constants.priority.PRIORITY_LOW);
  assert.ok(direct.stdout.startsWith(`0027\n333\n${niceness}\n`), direct.stdout);
  assert.equal(run.stdout, direct.stdout);
});
