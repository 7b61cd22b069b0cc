import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newPodTimeline, type PodTimeline } from '../../../../src/rehearse/pod/pod-timeline.ts';
import { followSupervisorLog } from '../../../../src/rehearse/pod/supervisor-log.ts';

type Read = {
  readonly timeline: PodTimeline;
  readonly stops: readonly (readonly [signal: string, timeLeft: number])[];
};

/** A log that is read 500 ms after its replica was started. */
function read(...lines: readonly Readonly<Record<string, unknown>>[]): Read {
  const timeline = { ...newPodTimeline('web-1', 11_000), started: 0 };
  const stops: (readonly [string, number])[] = [];
  const stopping = (signal: string, timeLeft: number): void => void stops.push([signal, timeLeft]);
  const log = followSupervisorLog(timeline, { now: () => 500, stopping }, { add: () => {}, remove: () => {} });
  for (const line of lines) log.read({ level: 'info', msg: 'x', ...line } as Parameters<typeof log.read>[0]);
  return { timeline, stops };
}

test('requests that k8s-run counted as cut are read from its last line, and nothing where the line has none', () => {
  assert.equal(read({ event: 'exited', cutRequests: 3 }).timeline.cutRequests, 3);
  assert.equal(read({ event: 'exited', cutRequests: 0 }).timeline.cutRequests, 0);
  for (const cutRequests of [undefined, null, 'many'])
    assert.equal(read({ event: 'exited', cutRequests }).timeline.cutRequests, null);
});

test('the app started when the log says so, even if the line is read later; a time that cannot be true is not believed', () => {
  const now = performance.timeOrigin + performance.now();
  const started = (time: number | string): number =>
    Number(
      read({ event: 'spawned', pid: 1, time: typeof time === 'number' ? new Date(time).toISOString() : time }).timeline
        .appStarted,
    );
  const early = started(now - 300);
  assert.ok(early >= 0 && early <= 200, String(early));
  assert.deepEqual([now - 3_600_000, now + 3_600_000, 'never'].map(started), [0, 500, 500]);
});

test('the app was signalled and killed when the log says so, even if the lines are read later', () => {
  const time = new Date(performance.timeOrigin + performance.now() - 200).toISOString();
  const { timeline } = read(
    { event: 'terminating', time },
    { event: 'stopping', signal: 'SIGTERM', graceMs: 1, time },
    { event: 'killing', why: 'grace over', time },
  );
  for (const at of [timeline.terminating, timeline.signalled, timeline.killed?.at ?? null])
    assert.ok(at !== null && at >= 0 && at <= 300, String(at));
});

test('an app that is restarted counts from its first start', () => {
  const { timeline } = read(
    { event: 'spawned', pid: 1, time: 'never' },
    { event: 'spawned', pid: 2, time: new Date(0).toISOString() },
  );
  assert.equal(timeline.appStarted, 500);
});

test('the signal and the time that is left are handed on', () => {
  assert.deepEqual(read({ event: 'stopping', signal: 'SIGQUIT', graceMs: 1_500 }).stops, [['SIGQUIT', 1_500]]);
});
