import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { noFfi } from '../../rig/ffi.ts';
import { childrenOf, firstIn, NAMESPACE, noNamespace } from '../../rig/namespace.ts';
import { isRunning, killGroup, start } from '../../rig/supervised.ts';

const QUICK = ['--ready', 'none', '--shutdown-delay', '0', '--grace', '5s'];
/** As in `worker & exec k8s-run -- app`; the worker has a child, and both ignore nothing. */
const WORKER = 'sh -c "sleep 1000 & wait" & exec "$@"';
/** Leaves one behind that ignores TERM, once that says so, and has k8s-run shut down. */
const DEAF = `trap 'exit 3' TERM; trap deaf=1 USR1
  (trap '' TERM; kill -USR1 $$; exec sleep 1000) &
  until test "$deaf"; do sleep 0.02; done
  kill -TERM $PPID; while :; do sleep 0.02; done`;

describe('children that k8s-run was executed with', () => {
  test('children that k8s-run was executed with, and what they start, are no leftovers of the app', async () => {
    await using run = start(QUICK, ['sleep', '1000'], { prefix: ['sh', '-c', WORKER, 'sh'] });
    await run.line('ready');
    const app = await run.appPid();
    const [worker = 0, below = 0] = await until('the worker and its child', () => {
      const [first] = childrenOf(run.pid).filter(({ pid }) => pid !== app);
      const [second] = first === undefined ? [] : childrenOf(first.pid);
      return second === undefined || first === undefined ? null : [first.pid, second.pid];
    });
    try {
      run.kill('SIGTERM');
      assert.equal((await run.ended()).code, 143);
      assert.ok(!run.events().includes('leftovers'), run.stderr());
      assert.deepEqual([await isRunning(worker), await isRunning(below)], [true, true]);
    } finally {
      killGroup(run.pid);
    }
  });

  test('children that k8s-run was executed with are reaped, and a process of the app that gets their pid later is the app’s', {
    skip: noFfi,
  }, async () => {
    await using run = start(QUICK, ['sh', '-c', 'echo up; read line'], {
      prefix: ['sh', '-c', 'sleep 1000 & exec "$@"', 'sh'],
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    await run.line('ready');
    const app = await run.appPid();
    const worker = childrenOf(run.pid).find(({ pid }) => pid !== app)?.pid ?? 0;
    process.kill(worker, 'SIGKILL');
    await until('it is reaped', () => childrenOf(run.pid).every(({ pid }) => pid !== worker));
    run.child.stdin?.end('\n');
    assert.equal((await run.ended()).code, 0);
  });

  test('as PID 1 children that k8s-run was executed with are left to the kernel, which ends them', {
    skip: noNamespace,
  }, async () => {
    await using run = start(QUICK, ['sleep', '1000'], { prefix: [...NAMESPACE, 'sh', '-c', WORKER, 'sh'] });
    await run.line('ready');
    const first = await firstIn(run.pid);
    await until('the app and the worker', () => childrenOf(first).length === 2);
    process.kill(first, 'SIGTERM');
    assert.equal((await run.ended()).code, 143);
    assert.ok(!run.events().includes('leftovers'), run.stderr());
  });

  test('without /proc what is left in the app’s group gets the stop signal, then KILL', {
    skip: noNamespace,
  }, async () => {
    // Process 1 is a shell, which sees afterwards, with a /proc again, who is there.
    const around = [
      ...NAMESPACE,
      '--mount',
      'sh',
      '-c',
      'umount -l /proc; "$@"; code=$?; mount -t proc p /proc; echo "there: $(cat /proc/[0-9]*/comm | tr "\\n" " ")"; exit $code',
      'sh',
    ];
    for (const [app, killed] of [
      ['sleep 1000 & exit 3', false],
      [DEAF, true],
    ] as const) {
      await using run = start(QUICK, ['sh', '-c', app], { prefix: around });
      assert.equal((await run.ended()).code, 3, run.stderr());
      const line = await run.line('leftovers');
      assert.deepEqual(line['leftovers'], [{ group: (await run.line('spawned'))['pid'] }]);
      assert.match(line.msg, /in its process group/);
      assert.equal(run.events().includes('killing'), killed);
      assert.doesNotMatch(run.stdout(), /sleep/);
      assert.match(run.stdout(), /^there: /m);
    }
  });
});
