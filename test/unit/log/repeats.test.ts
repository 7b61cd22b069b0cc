import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LogEntry } from '../../../src/log/entry.ts';
import type { LogEvent } from '../../../src/log/events.ts';
import { countRepeats } from '../../../src/log/repeats.ts';

/** What was written, and the timers that run. */
function openRepeats() {
  const written: LogEntry[] = [];
  const timers: (() => void)[] = [];
  let time = 0;
  const repeats = countRepeats(
    (_delay, call) => {
      timers.push(call);
      return () => {};
    },
    (entry) => written.push(entry),
  );
  return {
    ...{ written, timers },
    flush: repeats.flush,
    wait: (milliseconds: number) => {
      time += milliseconds;
    },
    tick: () => {
      for (const call of timers.splice(0)) call();
    },
    take: (event: LogEvent, msg: string, facts: LogEntry['facts'] = {}) =>
      repeats.take({ time, level: 'info', event, msg, facts }),
  };
}

const timesOf = ({ facts }: LogEntry): number => Number(facts['repeated'] ?? 1);

test('the first ten equal lines are written, the others are counted once a second', () => {
  const { take, tick, written, timers } = openRepeats();
  for (let sent = 0; sent < 1_000; sent += 1) take('signal', 'USR1', { signal: 'SIGUSR1' });
  assert.equal(written.length, 10);
  tick();
  assert.deepEqual(written.slice(10), [
    { time: 0, level: 'info', event: 'signal', msg: 'USR1 (990 times)', facts: { signal: 'SIGUSR1', repeated: 990 } },
  ]);
  take('signal', 'USR1');
  tick();
  assert.deepEqual([written.length, written[11]?.msg], [12, 'USR1']);
  tick();
  assert.deepEqual([written.length, timers.length], [12, 0], 'no timer runs when the burst is over');
  take('signal', 'USR1');
  assert.equal(written.length, 13);
});

test('what is counted comes before a line of another kind, and before the last one', () => {
  const { take, written } = openRepeats();
  const burst = (msg: string): void => {
    for (let sent = 0; sent < 20; sent += 1) take('signal', msg);
  };
  burst('USR1');
  burst('USR2');
  take('signal', 'USR1');
  take('terminating', 'Readiness fails');
  take('signal', 'USR1');
  take('exited', 'done');
  assert.deepEqual(
    written.slice(10).map(({ msg }) => msg),
    ['USR1 (10 times)', ...Array(10).fill('USR2'), 'USR2 (10 times)', 'USR1', 'Readiness fails', 'USR1', 'done'],
  );
});

test('lines that come seldom are all written, and a probe that flaps is told by its event', () => {
  const { take, wait, written, timers } = openRepeats();
  for (let sent = 0; sent < 100; sent += 1) {
    wait(1_000);
    take('unready', `app is not ready: HTTP 503, ${sent}`);
  }
  assert.deepEqual([written.length, timers.length], [100, 0]);
  for (let sent = 0; sent < 100; sent += 1) {
    take('unready', `app is not ready: ${sent}`);
    take('ready', 'app is ready');
    take('reaped', `Reaped the orphan ${sent}`, { pid: sent });
  }
  assert.ok(written.length <= 131, `${written.length}`);
  const checks = written.length;
  for (const check of ['database', 'cache'])
    for (let sent = 0; sent < 10; sent += 1) take('degraded', `${check} fails: ${sent}`, { check });
  assert.equal(written.slice(checks).filter(({ event }) => event === 'degraded').length, 20);
});

test('no line is lost, whatever comes in which order, and the memory is bounded', () => {
  const events = fc.constantFrom('signal' as const, 'unready' as const, 'warning' as const, 'reaped' as const);
  const step = fc.oneof(
    { weight: 20, arbitrary: fc.record({ event: events, msg: fc.nat(300).map(String), times: fc.nat(40) }) },
    { weight: 1, arbitrary: fc.constant('tick' as const) },
    { weight: 1, arbitrary: fc.constant('later' as const) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { take, tick, wait, flush, written } = openRepeats();
      const taken = new Map<string, number>();
      for (const each of steps) {
        if (each === 'tick') tick();
        else if (each === 'later') wait(20_000);
        else {
          for (let sent = 0; sent < each.times; sent += 1) take(each.event, each.msg);
          taken.set(each.event, (taken.get(each.event) ?? 0) + each.times);
        }
      }
      flush();
      for (const [event, count] of taken) {
        const of = written.filter((entry) => entry.event === event);
        assert.equal(
          of.reduce((sum, entry) => sum + timesOf(entry), 0),
          count,
        );
      }
    }),
  );
});
