import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { until } from '../rig/deadline.ts';
import { openTerminal } from '../rig/terminal.ts';
import { makeImage, noContainers, podman, podmanEnvironment, removeImage, startContainer } from './podman.ts';

const QUICK = ['--ready', 'none', '--shutdown-delay', '300ms', '--grace', '3s'];
/** An orphan that ends at once, one that stays, and a code of its own on TERM. */
const APP = [
  'sh',
  '-c',
  'trap "exit 3" TERM; (exit 5 &); (setsid sleep 1000 &); echo up; while :; do sleep 0.05; done',
];
const STATE = 'for f in /proc/[0-9]*/stat; do read -r line < $f && echo "$line"; done; true';

const LIMITS: Readonly<Record<string, readonly string[]>> = {
  'as root': [],
  'as another uid': ['--user', '1000:1000'],
  'without any capability': ['--cap-drop=all'],
  'without new privileges': ['--security-opt', 'no-new-privileges'],
  'with a read-only root': ['--read-only', '--read-only-tmpfs=false'],
  'with few processes': ['--pids-limit', '40'],
  'with little memory': ['--memory', '128m'],
  'with all of this': [
    ...['--user', '1000:1000', '--cap-drop=all', '--security-opt', 'no-new-privileges', '--read-only'],
    ...['--pids-limit', '40', '--memory', '128m'],
  ],
  // With no-new-privileges runc applies the profile last, when it needs prctl no more itself.
  'with prctl forbidden': [
    '--security-opt',
    'no-new-privileges',
    '--security-opt',
    `seccomp=${new URL('./without-prctl.json', import.meta.url).pathname}`,
  ],
  'with a terminal': ['--tty'],
};

describe('in a container', { skip: noContainers() }, () => {
  before(makeImage);
  after(removeImage);

  for (const [name, limits] of Object.entries(LIMITS)) {
    test(`in a container with ${name} k8s-run answers health requests, reaps orphans, ends the tree on TERM, and exits with the app’s code`, async () => {
      await using box = startContainer(limits, [...QUICK, '--log-level', 'debug'], APP);
      await box.line('ready');
      await box.line('reaped');
      const asked = `fetch('http://127.0.0.1:20080/readyz').then((r) => r.text()).then((t) => process.stdout.write(t))`;
      assert.match(await box.exec('node', '--eval', asked), /^ok/);
      assert.doesNotMatch(await box.exec('sh', '-c', STATE), /^\d+ \(.*\) Z /m);
      await podman('stop', '--time', '30', box.name);
      assert.equal(await box.code(), 3, box.output());
      assert.match(JSON.stringify((await box.line('leftovers'))['leftovers']), /"sleep"/);
      assert.doesNotMatch(box.output(), /Experimental|Zombie|"fault"/);
    });
  }

  test('on podman stop an app that ignores TERM is killed by k8s-run, long before podman would', async () => {
    await using box = startContainer([], QUICK, ['sh', '-c', 'trap "" TERM; echo up; exec sleep 1000']);
    await until('its trap is set', () => /^up$/m.test(box.output()), box.output);
    await podman('stop', '--time', '30', box.name);
    assert.equal(await box.code(), 137);
    // Podman may say it again, as the kubelet may.
    const told = box.lines().filter((line) => line['outcome'] !== 'repeated');
    const events = told.map(({ event }) => event);
    const expected = ['terminating', 'stopping', 'killing', 'exited'];
    assert.deepEqual(events.slice(events.indexOf('terminating')), expected, box.output());
  });

  test('a shell of podman exec -it, with a terminal of its own, is neither signalled nor waited for', async () => {
    await using box = startContainer([], QUICK, ['sleep', '1000']);
    await box.line('ready');
    const shell =
      'for s in TERM HUP INT CONT QUIT; do trap "echo heard $s" $s; done; sleep 2000 & echo here; wait; wait; wait';
    const words = ['podman', 'exec', '--interactive', '--tty', box.name, 'sh', '-c', shell];
    await using terminal = await openTerminal(words, podmanEnvironment);
    await terminal.shows(/^here$/m);
    await podman('stop', '--time', '30', box.name);
    assert.equal(await box.code(), 143);
    const events = box.lines().map(({ event }) => event);
    assert.ok(!events.includes('leftovers') && !events.includes('killing'), box.output());
    await terminal.ended();
    assert.doesNotMatch(await terminal.screen(), /heard/);
  });

  test('with a fork bomb under --pids-limit the health server answers, and podman stop ends it in time', async () => {
    const bomb = 'trap "" CHLD; while :; do sleep 1000 & done';
    const app = ['sh', '-c', `while :; do sh -c '${bomb}'; sleep 0.05; done`];
    await using box = startContainer(['--pids-limit', '60'], QUICK, app);
    await box.line('ready');
    await until('it hits the limit', () => /[Cc]annot fork/.test(box.output()));
    await podman('stop', '--time', '30', box.name);
    assert.ok([143, 137].includes(await box.code()), box.output());
    assert.equal(box.lines().at(-1)?.event, 'exited');
  });

  test('a shell of podman exec is no leftover, and the exit does not wait for it', async () => {
    await using box = startContainer([], QUICK, ['sleep', '1000']);
    await box.line('ready');
    await podman('exec', '--detach', box.name, 'sh', '-c', 'trap : TERM HUP; sleep 2000; sleep 2000');
    await until('the visitor', async () => (await box.exec('sh', '-c', STATE)).split('(sleep)').length === 3);
    await podman('stop', '--time', '30', box.name);
    assert.equal(await box.code(), 143);
    const events = box.lines().map(({ event }) => event);
    assert.ok(!events.includes('leftovers') && !events.includes('killing'), box.output());
  });

  test('limits of processors and memory of a container are found, and the app is sized by them', async () => {
    const limits = ['--memory', '384m', '--cpus', '1.25'];
    const env = ['node', '/opt/k8s-run/bin/k8s-run.js', 'env', '--json'];
    await using told = startContainer(limits, QUICK, env);
    assert.equal(await told.code(), 0, told.output());
    const { processors, memory } = JSON.parse(/^\{\n[\s\S]*?^\}$/m.exec(told.output())?.[0] ?? '{}').limits;
    assert.deepEqual([processors.limit, memory.bytes], [1.25, 384 * 2 ** 20]);
    assert.match(processors.source, /^\/sys\/fs\/cgroup\//);
    const print = 'console.log(process.env.GOMAXPROCS, process.env.NODE_OPTIONS)';
    await using sized = startContainer(limits, [...QUICK, '--resource-env'], ['node', '--eval', print]);
    assert.equal(await sized.code(), 0, sized.output());
    assert.match(sized.output(), /^2 --max-old-space-size=270$/m);
  });

  test('the termination log of a container tells that the app was killed for want of memory', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'termination-'));
    try {
      const file = join(folder, 'log');
      writeFileSync(file, '');
      const limits = ['--memory', '128m', '--memory-swap', '128m', '--volume', `${file}:/dev/termination-log`];
      const burst = 'const held = []; for (;;) held.push(Buffer.alloc(2 ** 20, 1));';
      await using box = startContainer(limits, QUICK, ['node', '--eval', burst]);
      assert.equal(await box.code(), 137, box.output());
      assert.equal((await box.line('exited'))['sender'], 'kernel');
      const text = readFileSync(file, 'utf8');
      assert.match(
        text,
        /^node was ended by SIGKILL because the container ran out of memory; exit code 137\nsignal: SIGKILL, from the kernel/,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
