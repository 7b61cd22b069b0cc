import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLane, GIVE_UP_AFTER, type Lane, MOST_WAITING } from '../../../src/otlp/lane.ts';
import type { PostResult } from '../../../src/otlp/post.ts';

const ACCEPTED: PostResult = { kind: 'accepted', remark: null };
const failed = (isThere = false, afterMs: number | null = null): PostResult => ({
  ...{ kind: 'failed', reason: 'away', afterMs, isThere },
});

type Rig = {
  readonly lane: Lane<number>;
  readonly sent: string[];
  readonly said: string[];
  /** Lets so many milliseconds pass, and all that is due in them. */
  readonly pass: (milliseconds: number) => Promise<void>;
  readonly timers: () => number;
};

/** A lane on a clock of the test's own. `answers`: of one request after the other; the last one of all that follow. */
function rig(answers: readonly (PostResult | 'hang')[]): Rig {
  let now = 0;
  let timers: { readonly at: number; readonly call: () => void }[] = [];
  const sent: string[] = [];
  const said: string[] = [];
  const after = (delay: number, call: () => void): (() => void) => {
    const timer = { at: now + delay, call };
    timers.push(timer);
    return () => {
      timers = timers.filter((each) => each !== timer);
    };
  };
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  const lane = createLane<number>({
    ...{ batchAfter: 1_000, now: () => now, after, random: () => 1 },
    serialize: (items) => Buffer.from(items.length > 3 ? `${items.length} items` : items.join()),
    post(body) {
      sent.push(Buffer.from(body).toString());
      const answer = answers[Math.min(sent.length, answers.length) - 1] ?? ACCEPTED;
      return answer === 'hang' ? new Promise(() => {}) : Promise.resolve(answer);
    },
    report: {
      failed: (reason, times) => said.push(`failed ${times}: ${reason}`),
      lost: (reason) => said.push(`lost: ${reason}`),
      refused: (reason, items) => said.push(`refused ${items}: ${reason}`),
      remarked: (remark) => said.push(`remarked: ${remark}`),
      dropped: (items) => said.push(`dropped ${items}`),
    },
    faulted: assert.fail,
  });
  return {
    ...{ lane, sent, said },
    timers: () => timers.length,
    async pass(milliseconds) {
      const end = now + milliseconds;
      await settled();
      for (;;) {
        const due = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (due === undefined) break;
        timers = timers.filter((each) => each !== due);
        now = Math.max(now, due.at);
        due.call();
        await settled();
      }
      now = end;
    },
  };
}

test('items wait a little for others, and no timer runs without them', async () => {
  const { lane, sent, pass, timers } = rig([ACCEPTED]);
  assert.equal(timers(), 0);
  lane.add(1);
  await pass(500);
  lane.add(2);
  await pass(499);
  assert.deepEqual(sent, []);
  await pass(1);
  assert.deepEqual(sent, ['1,2']);
  assert.equal(timers(), 0);
});

test('a request that failed is made again, later each time, and others wait behind it', async () => {
  const { lane, sent, said, pass, timers } = rig([failed(), failed(), failed(), ACCEPTED]);
  lane.add(1);
  await pass(1_000);
  lane.add(2);
  await pass(999);
  assert.deepEqual(sent, ['1']);
  await pass(1 + 2_000 + 4_000);
  assert.deepEqual(sent, ['1', '1', '1', '1']);
  await pass(1_000);
  assert.deepEqual(sent, ['1', '1', '1', '1', '2']);
  assert.deepEqual(said, ['failed 1: away', 'failed 2: away', 'failed 3: away']);
  assert.equal(timers(), 0);
});

test('Retry-After is kept, up to a limit', async () => {
  const { lane, sent, pass } = rig([failed(true, 7_000), failed(true, 9e9), ACCEPTED]);
  lane.add(1);
  await pass(1_000 + 6_999);
  assert.equal(sent.length, 1);
  await pass(1);
  assert.equal(sent.length, 2);
  await pass(GIVE_UP_AFTER);
  assert.equal(sent.length, 3);
});

test('Retry-After with no time in it, or with less, makes no loop', async () => {
  const { lane, sent, pass } = rig([failed(true, 0)]);
  lane.add(1);
  await pass(1_000 + 999);
  assert.equal(sent.length, 1);
  await pass(1 + 2_000 + 4_000);
  assert.equal(sent.length, 4);
});

test('what is refused is not sent again, and a remark is passed on', async () => {
  const { lane, sent, said, pass, timers } = rig([
    { kind: 'refused', reason: 'HTTP 400', isTooLarge: false },
    { kind: 'accepted', remark: 'one was bad' },
  ]);
  lane.add(1);
  await pass(60_000);
  lane.add(2);
  await pass(60_000);
  assert.deepEqual(
    [sent, said],
    [
      ['1', '2'],
      ['refused 1: HTTP 400', 'remarked: one was bad'],
    ],
  );
  assert.equal(timers(), 0);
});

test('what is too large is sent in halves, which double again; one item that is too large is refused', async () => {
  const large: PostResult = { kind: 'refused', reason: 'HTTP 413', isTooLarge: true };
  const { lane, sent, said, pass, timers } = rig([large, large, ACCEPTED, ACCEPTED, ACCEPTED, large, large, ACCEPTED]);
  for (let item = 1; item <= 4; item += 1) lane.add(item);
  await pass(60_000);
  for (let item = 5; item <= 6; item += 1) lane.add(item);
  await pass(60_000);
  assert.deepEqual(sent, ['4 items', '1,2', '1', '2,3', '4', '5,6', '5', '6']);
  assert.deepEqual(said, ['refused 1: HTTP 413']);
  assert.equal(timers(), 0);
});

test('a collector to which all is too large gets a request each second, and the queue keeps its bound', async () => {
  const { lane, sent, said, pass } = rig([{ kind: 'refused', reason: 'HTTP 413', isTooLarge: true }]);
  for (let item = 0; item < MOST_WAITING; item += 1) lane.add(item);
  await pass(0);
  for (let item = 0; item < 512; item += 1) lane.add(item);
  await pass(60_000);
  assert.ok(said.some((each) => each.startsWith('dropped ')));
  const before = sent.length;
  await pass(10_000);
  assert.ok(sent.length - before <= 10, `${sent.length - before} requests in 10 s`);
});

test('a flush sends in halves what is too large', async () => {
  const large: PostResult = { kind: 'refused', reason: 'HTTP 413', isTooLarge: true };
  const { lane, sent, said } = rig([large, ACCEPTED]);
  for (let item = 1; item <= 3; item += 1) lane.add(item);
  await lane.flush(1_000);
  assert.deepEqual([sent, said], [['1,2,3', '1,2', '3'], []]);
});

test('after five minutes a request is given up, and then nothing waits', async () => {
  const { lane, said, pass, timers } = rig([failed()]);
  lane.add(1);
  await pass(GIVE_UP_AFTER + 60_000);
  assert.equal(said.at(-1), 'dropped 1');
  assert.equal(timers(), 0);
});

test('the queue has a bound, and the newest stay', async () => {
  const { lane, sent, said, pass } = rig([failed(), ACCEPTED]);
  lane.add(-1);
  await pass(1_000);
  for (let item = 0; item < MOST_WAITING + 5; item += 1) lane.add(item);
  assert.equal(said.filter((each) => each === 'dropped 1').length, 5);
  await pass(60_000);
  assert.deepEqual(sent, ['-1', '-1', '512 items', '488 items']);
});

test('a flush sends all that waits, and resolves when it is sent', async () => {
  const { lane, sent, pass } = rig([failed(true), ACCEPTED]);
  lane.add(1);
  let isDone = false;
  void lane.flush(1_000).then(() => {
    isDone = true;
  });
  await pass(99);
  assert.deepEqual([sent, isDone], [['1'], false]);
  await pass(1);
  assert.deepEqual([sent, isDone], [['1', '1'], true]);
  lane.add(2);
  await lane.flush(1_000);
  assert.deepEqual(sent, ['1', '1', '2'], 'what came later goes with the next flush');
});

test('a flush waits no longer than its limit, and not for a collector that is not there', async () => {
  for (const [answer, atMost, text] of [
    ['hang', 1_000, 'no answer in time'],
    [failed(), 0, 'away'],
    [failed(true), 1_000, 'away'],
  ] as const) {
    const { lane, said, pass } = rig([answer]);
    lane.add(1);
    let isDone = false;
    void lane.flush(1_000).then(() => {
      isDone = true;
    });
    await pass(atMost);
    assert.equal(isDone, true, text);
    assert.deepEqual(said, [`lost: ${text}`]);
  }
});

test('a collector that has failed before gets one more try, and a quarter of the time', async () => {
  const { lane, sent, pass } = rig([failed(true), 'hang']);
  lane.add(1);
  await pass(1_000);
  let isDone = false;
  void lane.flush(9_000).then(() => {
    isDone = true;
  });
  await pass(250);
  assert.deepEqual([sent, isDone], [['1', '1'], true]);
});
