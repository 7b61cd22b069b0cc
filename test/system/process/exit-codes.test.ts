import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import { noFfi } from '../../rig/ffi.ts';
import { finish, inBatches, lastLine } from '../../rig/finished.ts';

/** As many as two cores start at once without waiting for each other. */
const AT_ONCE = 4;
const NO_HEALTH = ['--health-port', 'off'];

test('exit codes are passed through, also those that have a meaning elsewhere', async () => {
  // k8s-run's own failures, a shell's, those that stand for a signal, and the ends. exit-code.test.ts has all 256.
  const ranges = [
    [0, 3],
    [63, 80],
    [124, 166],
    [191, 193],
    [253, 255],
  ] as const;
  const codes = ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, index) => from + index));
  const seen = await inBatches(codes, AT_ONCE, async (code) => {
    const run = await finish([...NO_HEALTH, '--log-level', 'silent'], ['sh', '-c', `exit ${code}`]);
    return { code: run.code, signal: run.signal, said: run.stderr };
  });
  assert.deepEqual(
    seen,
    codes.map((code) => ({ code, signal: null, said: '' })),
  );
});

test('k8s-run exits with 128 + n for each signal n whose default action ends a process', async () => {
  // signal(7): Term and Core.
  const names = [
    ...(['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGKILL'] as const),
    ...(['SIGUSR1', 'SIGSEGV', 'SIGUSR2', 'SIGPIPE', 'SIGALRM', 'SIGTERM', 'SIGSTKFLT', 'SIGXCPU'] as const),
    ...(['SIGXFSZ', 'SIGVTALRM', 'SIGPROF', 'SIGIO', 'SIGPWR', 'SIGSYS'] as const),
  ];
  const seen = await inBatches(names, AT_ONCE, async (name) => {
    // The signal is the shell's own, so that nothing of k8s-run's relaying is in play; and no core file is left.
    const command = ['sh', '-c', `ulimit -c 0; kill -${constants.signals[name]} $$`];
    const run = await finish(NO_HEALTH, command);
    const { event, code, signal, cause } = lastLine(run);
    return { exit: run.code, event, code, signal, cause };
  });
  assert.deepEqual(
    seen,
    names.map((signal) => {
      const code = 128 + constants.signals[signal];
      return { exit: code, event: 'exited', code, signal, cause: 'signalled' };
    }),
  );
});

test('a real-time signal that ends the app, a hook or a probe is no exit code 0', { skip: noFfi }, async () => {
  for (const signal of [34, 35, 64]) {
    const run = await finish(NO_HEALTH, ['sh', '-c', `kill -${signal} $$`]);
    const { code, cause, signal: name } = lastLine(run);
    assert.deepEqual([run.code, code, cause, name], [128 + signal, 128 + signal, 'signalled', `signal ${signal}`]);
  }
  const hook = await finish([...NO_HEALTH, '--pre-start', "sh -c 'kill -40 $$'"], ['true']);
  assert.equal(hook.code, 78, hook.stderr);
  const probe = await finish(
    [...NO_HEALTH, '--wait-for', "exec:sh -c 'kill -40 $$'", '--wait-timeout', '300ms'],
    ['true'],
  );
  assert.equal(probe.code, 69, probe.stderr);
  const restarts = await finish(
    [...NO_HEALTH, '--restart', 'on-failure', '--restart-limit', '1'],
    ['sh', '-c', 'kill -40 $$'],
  );
  assert.deepEqual([restarts.code, restarts.events.filter((event) => event === 'restarting').length], [168, 1]);
});

test('--remap-exit changes a code of the app, and one that stands for a signal', async () => {
  const remap = [...NO_HEALTH, '--remap-exit', '143:0', '--remap-exit=3:4'];
  const codes = await inBatches(['kill -TERM $$', 'exit 3', 'exit 4', 'exit 5'], AT_ONCE, async (script) => {
    const run = await finish(remap, ['sh', '-c', script]);
    return [run.code, lastLine(run)['code']];
  });
  assert.deepEqual(codes, [
    [0, 0],
    [4, 4],
    [4, 4],
    [5, 5],
  ]);
});

test('--remap-exit does not touch the codes of k8s-run itself', async () => {
  const run = await finish([...NO_HEALTH, '--remap-exit', '127:0'], ['/does/not/exist']);
  assert.equal(run.code, 127);
});

test('the last line of the log is exited, with code, signal, cause and the duration of each phase', async () => {
  const run = await finish([], ['sh', '-c', 'exit 9']);
  const { event, code, signal, cause, oomKilled, phases } = lastLine(run);
  assert.deepEqual(
    { event, code, signal, cause, oomKilled },
    { event: 'exited', code: 9, signal: null, cause: 'exited', oomKilled: false },
  );
  assert.deepEqual(Object.keys(phases as object), ['preparingMs', 'runningMs', 'leftoversMs']);
  assert.ok(Object.values(phases as object).every((ms) => typeof ms === 'number' && ms >= 0));
  assert.equal(run.stderr.trimEnd().split('\n').length, run.lines.length, 'one JSON object a line and nothing else');
});
