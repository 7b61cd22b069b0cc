import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { test } from 'node:test';
import { createCarefulSignals, wouldEnd } from '../../../src/hooks/careful-signal.ts';
import { receiversOf } from '../../../src/hooks/dump-signal.ts';
import { dispositionOf, signalMasksOf } from '../../../src/linux/procfs.ts';
import { until } from '../../rig/deadline.ts';
import { needs } from '../../rig/needs.ts';

const { SIGHUP, SIGTERM, SIGWINCH, SIGQUIT, SIGTSTP, SIGUSR1, SIGUSR2 } = constants.signals;

type Child = Disposable & { readonly pid: number; readonly process: ChildProcess };

/** A program in its own group, which is killed at the end of the test. */
function running(program: string, ...args: readonly string[]): Child {
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start ${program}`);
  return {
    pid,
    process: child,
    [Symbol.dispose]: () => {
      try {
        process.kill(-pid, 'SIGKILL');
      } catch {
        // It is gone.
      }
    },
  };
}

const catching = async (signal: number, script: string): Promise<Child> => {
  const child = running('sh', '-c', script);
  await until('the handler', () => dispositionOf(child.pid, signal) === 'caught');
  return child;
};

/** Careful signals to this process, with a clock that the test moves. */
function carefulTo(pid: () => number | null) {
  const passed: number[] = [];
  const sent: number[] = [];
  const warned: string[] = [];
  const timers: { at: number; call: () => void }[] = [];
  let now = 0;
  const careful = createCarefulSignals({
    clock: {
      now: () => now,
      after(delay, call) {
        timers.push({ at: now + delay, call });
        return () => {};
      },
    },
    log: { write: (_level, _event, text) => void warned.push(text) },
    program: () => 'app',
    app: pid,
    pass: (signal) => void passed.push(signal),
  });
  return {
    ...{ careful, passed, sent, warned },
    send: (signal: number) => careful.send(signal, '--on-change', () => sent.push(signal)),
    /** Moves the clock to the next timers, until this time. */
    until(at: number) {
      for (;;) {
        const next = timers.filter((timer) => timer.at <= at).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        timers.splice(timers.indexOf(next), 1);
        now = next.at;
        next.call();
      }
      now = at;
    },
    looks: () => timers.length,
  };
}

test('a signal that would end the app waits, is warned of once, and is sent when it is caught', async () => {
  using deaf = running('sleep', '1000');
  using caught = await catching(SIGHUP, "trap 'echo' HUP; while :; do sleep 1; done");
  let pid: number = deaf.pid;
  const { send, passed, sent, warned, until: wait } = carefulTo(() => pid);
  send(SIGHUP);
  send(SIGHUP);
  wait(9_000);
  assert.deepEqual([passed, sent, warned], [[], [], []]);
  wait(60_000);
  assert.equal(warned.length, 1);
  assert.match(warned[0] ?? '', /^SIGHUP \(--on-change\) is not sent to app, .* does not catch it/);
  // Another app is started in its place: what waited for the first is not sent to it.
  pid = caught.pid;
  wait(70_000);
  assert.deepEqual(passed, []);
  send(SIGHUP);
  assert.deepEqual([passed, sent], [[SIGHUP], [SIGHUP]]);
});

test('one that waits is sent once the handler is there', async () => {
  using late = running('sh', '-c', "sleep 0.3; trap 'echo' USR1; while :; do sleep 1; done");
  const { send, passed, sent, until: wait } = carefulTo(() => late.pid);
  send(SIGUSR1);
  assert.deepEqual(passed, []);
  await until('the handler', () => dispositionOf(late.pid, SIGUSR1) === 'caught');
  wait(5_000);
  assert.deepEqual([passed, sent], [[SIGUSR1], [SIGUSR1]]);
});

test('what asks for the end, or ends nothing, is sent at once; what waits is forgotten when the app is told to stop', () => {
  using deaf = running('sleep', '1000');
  const { careful, send, passed, until: wait } = carefulTo(() => deaf.pid);
  for (const signal of [SIGTERM, SIGQUIT, SIGWINCH]) send(signal);
  assert.deepEqual(passed, [SIGTERM, SIGQUIT, SIGWINCH]);
  send(SIGHUP);
  careful.forget();
  wait(60_000);
  assert.deepEqual(passed, [SIGTERM, SIGQUIT, SIGWINCH]);
  assert.equal(carefulTo(() => null).looks(), 0);
});

test('where /proc has no such process nothing is said to end it', () => {
  assert.equal(wouldEnd(2 ** 22 + 1, SIGHUP), false);
});

test('a dump is written by what catches the signal, behind any wrapper, and by nothing below it', async () => {
  const inner = "trap 'echo' USR2; while :; do sleep 1; done";
  using wrapped = running('sh', '-c', `sh -c "${inner}"; true`);
  const found = await until('the inner shell', () => {
    const result = receiversOf(wrapped.pid, SIGUSR2, false);
    return 'receivers' in result ? result.receivers : null;
  });
  assert.equal(found.length, 1);
  assert.notEqual(found[0]?.pid, wrapped.pid);
  assert.equal(dispositionOf(found[0]?.pid ?? 0, SIGUSR2), 'caught');
  const none = receiversOf(wrapped.pid, SIGUSR1, true);
  assert.match('problem' in none ? none.problem : '', /no process of the app catches SIGUSR1/);
  const core = receiversOf(wrapped.pid, SIGQUIT, true);
  assert.deepEqual('receivers' in core ? core.receivers.map(({ pid }) => pid) : core, [wrapped.pid]);
  assert.ok('problem' in receiversOf(wrapped.pid, SIGQUIT, false));
});

test('nothing is sent where nobody would write: a signal that is ignored, or that ends nothing', async () => {
  using deaf = running('sh', '-c', "trap '' HUP QUIT; exec sleep 1000");
  await until('the program', () => dispositionOf(deaf.pid, SIGHUP) === 'ignored');
  for (const [signal, isLast, why] of [
    [SIGHUP, false, /no process of the app catches SIGHUP: the first one, \w+, ignores it/],
    [SIGQUIT, true, /ignores it/],
    [SIGWINCH, false, /would write nothing/],
    [SIGTSTP, true, /would write nothing/],
    [SIGUSR2, true, /would end/],
  ] as const) {
    const result = receiversOf(deaf.pid, signal, isLast);
    assert.match('problem' in result ? result.problem : 'sent', why);
  }
});

test('a program that waits for the signal without a handler gets it when it has blocked it for some looks', {
  skip: needs('python3'),
}, async () => {
  const script = 'import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])\ntime.sleep(1000)';
  using waits = running('python3', '-c', script);
  await until('the mask', () => signalMasksOf(waits.pid)?.blocked(SIGUSR1));
  const { send, passed, until: wait } = carefulTo(() => waits.pid);
  send(SIGUSR1);
  wait(100);
  assert.deepEqual(passed, []);
  wait(1_000);
  assert.deepEqual(passed, [SIGUSR1]);
});
