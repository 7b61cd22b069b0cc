import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detailLines, historyAfter, historyWith, NO_HISTORY, signalSenderOf } from '../../../src/exit/exit-cause.ts';
import type { Notice } from '../../../src/lifecycle/notice.ts';

const TERM = 15;
const KILL = 9;
const SEGV = 11;
const bySignal = (signal: number) => ({ kind: 'signal', signal }) as const;
const stopping: Notice = {
  event: 'stopping',
  cause: { kind: 'signal', signal: TERM },
  signal: TERM,
  graceMs: 1,
  skipped: null,
  waited: null,
};
const terminating: Notice & { event: 'terminating' } = {
  event: 'terminating',
  readiness: 'fails',
  cause: { kind: 'signal', signal: TERM },
  delayMs: 1,
  delayIsOpen: false,
  preStop: false,
  drainSignal: null,
  keyboard: 'none',
};

test('the sender of the signal that ended the app is k8s-run, the kernel, the app, or unknown', () => {
  const stopped = historyAfter(NO_HISTORY, stopping);
  const killed = historyAfter(stopped, { event: 'killing', why: 'grace over' });
  const passed = historyAfter(NO_HISTORY, { event: 'signal', signal: 1, outcome: { kind: 'passed on', as: 3 } });
  const held = historyAfter(NO_HISTORY, { event: 'signal', signal: 1, outcome: { kind: 'dropped' } });
  const waiting = historyAfter(NO_HISTORY, { event: 'changed', path: '/etc/app', signal: 1 });
  const rows = [
    [bySignal(1), waiting, false, 'unknown'],
    [bySignal(1), historyWith(waiting, 1), false, 'k8s-run'],
    [bySignal(1), historyAfter(NO_HISTORY, terminating), false, 'unknown'],
    [null, NO_HISTORY, false, null],
    [{ kind: 'code', code: 137 }, killed, true, null],
    [bySignal(TERM), NO_HISTORY, false, 'unknown'],
    [bySignal(TERM), stopped, false, 'k8s-run'],
    [bySignal(KILL), stopped, false, 'unknown'],
    [bySignal(KILL), killed, false, 'k8s-run'],
    [bySignal(KILL), killed, true, 'kernel'],
    [bySignal(KILL), NO_HISTORY, true, 'kernel'],
    [bySignal(TERM), NO_HISTORY, true, 'unknown'],
    [bySignal(SEGV), stopped, false, 'app'],
    [bySignal(3), passed, false, 'k8s-run'],
    [bySignal(1), passed, false, 'unknown'],
    [bySignal(1), held, false, 'unknown'],
  ] as const;
  for (const [exit, history, oomKilled, sender] of rows) assert.equal(signalSenderOf(exit, history, oomKilled), sender);
});

const NOTHING = {
  signal: null,
  sender: null,
  because: null,
  oomKills: 0,
  memoryPeakBytes: null,
  memoryLimitBytes: null,
  resized: null,
  phases: {},
  lastProbeError: null,
  cutRequests: null,
  postMortem: [],
};

test('an unknown detail of an exit has no line in the termination log', () => {
  assert.deepEqual(detailLines(NOTHING, String), []);
});

test('each known detail of an exit has a line in the termination log', () => {
  const lines = detailLines(
    {
      signal: 'SIGKILL',
      sender: 'kernel',
      because: 'SIGTERM',
      oomKills: 2,
      memoryPeakBytes: 2 ** 27,
      memoryLimitBytes: 2 ** 27,
      resized: { oldMemoryLimitBytes: 2 ** 28, oldCpuLimitCores: null, agoMs: 9 },
      phases: { running: 5, stopping: 2 },
      lastProbeError: { probe: 'ready', reason: 'HTTP 500', agoMs: 3 },
      cutRequests: 2,
      postMortem: [],
    },
    (time) => `${time} units`,
  );
  assert.deepEqual(lines, [
    'signal: SIGKILL, from the kernel: out of memory',
    'shutdown: because of SIGTERM',
    'cut requests: 2',
    'memory: peak 128 MiB, limit 128 MiB (256 MiB until 9 units before the exit), OOM-killed: 2 processes',
    'phases: running 5 units, stopping 2 units',
    'last probe error: ready, 3 units before the exit: HTTP 500',
  ]);
});

test('a resize is told where it has changed the memory limit', () => {
  const memory = (oldMemoryLimitBytes: number | null, memoryLimitBytes: number | null): readonly string[] =>
    detailLines(
      { ...NOTHING, memoryLimitBytes, resized: { oldMemoryLimitBytes, oldCpuLimitCores: 1, agoMs: 9 } },
      (time) => `${time} units`,
    );
  assert.deepEqual(memory(2 ** 27, 2 ** 27), ['memory: limit 128 MiB']);
  assert.deepEqual(memory(null, 2 ** 27), ['memory: limit 128 MiB (none until 9 units before the exit)']);
  assert.deepEqual(memory(2 ** 27, null), []);
});
