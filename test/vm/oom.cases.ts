import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../rig/deadline.ts';
import { start } from '../rig/supervised.ts';
import { makeTree } from '../rig/tree.ts';
import { makeContainer, valueIn } from './container.ts';

const MIB = 2 ** 20;
const LIMIT = 160 * MIB;

/** Takes memory, touching each page, up to 94 % of the limit, and more than there is as soon as the file `go` is there. */
const FILL_THEN_BURST = `
  const { existsSync, readFileSync } = require('node:fs');
  const [go, limit] = process.argv.slice(1);
  const held = [];
  while (Number(readFileSync('/sys/fs/cgroup/memory.current', 'utf8')) < 0.94 * limit) held.push(Buffer.alloc(2 ** 20, 1));
  setInterval(() => { while (existsSync(go)) held.push(Buffer.alloc(2 ** 20, 1)); }, 50);`;
/** Takes more than there is. */
const BURST = 'const held = []; for (;;) held.push(Buffer.alloc(2 ** 20, 1));';

for (const group of [0, 1]) {
  test(`memory that fills up is warned of before the kernel kills ${group === 1 ? 'the whole container' : 'a process'}`, async () => {
    using folder = makeTree({ 'termination-log': '' });
    await using container = makeContainer({ 'memory.max': LIMIT, 'memory.oom.group': group });
    const log = join(folder.root, 'termination-log');
    const go = join(folder.root, 'go');
    const options = ['--ready', 'process', '--termination-log', log];
    await using run = start(options, [process.execPath, '-e', FILL_THEN_BURST, go, String(LIMIT)], container);
    const warning = await run.line('warning', ({ reason }) => reason === 'memory');
    assert.equal(warning['memoryLimitBytes'], LIMIT);
    const victim = group === 1 ? 'the whole container, k8s-run included' : 'a process of it';
    assert.ok(warning.msg.endsWith(`at the limit the kernel kills ${victim}`), warning.msg);
    writeFileSync(go, '');
    assert.equal((await run.ended()).code, 137);
    const events = container.read('memory.events');
    assert.equal(valueIn(events, 'oom_group_kill'), group);
    if (group === 1) {
      assert.ok(valueIn(events, 'oom_kill') >= 2, events);
      assert.deepEqual(
        run.events().filter((event) => event === 'exited'),
        [],
      );
      assert.equal(readFileSync(log, 'utf8'), '');
      assert.equal(container.read('cgroup.procs'), '');
      return;
    }
    assert.equal(valueIn(events, 'oom_kill'), 1);
    const exited = await run.line('exited');
    assert.deepEqual(
      [exited['oomKilled'], exited['oomKills'], exited['sender'], exited['memoryLimitBytes']],
      [true, 1, 'kernel', LIMIT],
    );
    assert.match(readFileSync(log, 'utf8'), /ran out of memory; exit code 137$/m);
    assert.match(readFileSync(log, 'utf8'), /limit 160 MiB, OOM-killed: 1 process$/m);
  });
}

test('a command and a signal of --on-memory come before the kernel kills', async () => {
  for (const hook of ['sh -c "echo {pid} holds it"', 'signal:USR2']) {
    await using container = makeContainer({ 'memory.max': LIMIT });
    const app = `process.on('SIGUSR2', () => console.log('dumped')); ${FILL_THEN_BURST}`;
    const words = [process.execPath, '-e', app, '/nowhere', String(LIMIT)];
    await using run = start(['--ready', 'process', `--on-memory=${hook}`], words, container);
    if (hook.startsWith('signal:')) await until('the dump', () => run.stdout().includes('dumped'), run.stderr);
    else await run.line('hook', ({ output }) => /^\d+ holds it$/.test(String(output)));
    await run.line(
      'hook',
      ({ hook: name, outcome }) => name === 'on-memory' && (outcome === 'done' || outcome === 'sent'),
    );
  }
});

test('memory near memory.high is warned of, where the kernel slows down instead of killing', async () => {
  await using container = makeContainer({ 'memory.max': 2 * LIMIT, 'memory.high': LIMIT });
  const app = [process.execPath, '-e', FILL_THEN_BURST, '/nowhere', String(LIMIT)];
  await using run = start(['--ready', 'process'], app, container);
  const warning = await run.line('warning', ({ reason }) => reason === 'memory');
  assert.equal(warning['memoryLimitBytes'], LIMIT);
  assert.match(warning.msg, /above that the kernel slows the container down$/);
});

test('an out-of-memory kill by the limit of the pod is the kernel’s, though that limit cannot be seen', async () => {
  await using container = makeContainer({}, { 'memory.max': LIMIT });
  await using run = start(['--ready', 'process'], [process.execPath, '-e', BURST], container);
  assert.equal((await run.ended()).code, 137);
  const exited = await run.line('exited');
  assert.deepEqual([exited['oomKilled'], exited['oomKills'], exited['sender']], [true, 1, 'kernel']);
  assert.equal('memoryLimitBytes' in exited, false);
});

test('a child of the app that is killed for lack of memory is counted, and the app lives on', async () => {
  await using container = makeContainer({ 'memory.max': LIMIT });
  const script = `"$1" -e "$2"; echo "child $?"; exit 4`;
  const app = ['sh', '-c', script, 'sh', process.execPath, BURST];
  await using run = start(['--ready', 'process'], app, container);
  assert.equal((await run.ended()).code, 4);
  assert.match(run.stdout(), /child 137/);
  const exited = await run.line('exited');
  assert.deepEqual([exited['oomKilled'], exited['oomKills']], [false, 1]);
});

test('kills of an earlier life of the same group are not counted as of this one', async () => {
  await using container = makeContainer({ 'memory.max': LIMIT });
  await using before = start(['--ready', 'process'], [process.execPath, '-e', BURST], container);
  assert.equal((await before.ended()).code, 137);
  await until('the group is empty', () => container.read('cgroup.procs') === '');
  await using run = start(['--ready', 'process'], ['sh', '-c', 'kill -KILL $$'], container);
  assert.equal((await run.ended()).code, 137);
  const exited = await run.line('exited');
  assert.equal(exited['oomKilled'], false);
});
