import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Phase, State } from '../../../src/lifecycle/state.ts';
import { errorOf, errorOfRestart } from '../../../src/otlp/end-of-life.ts';
import { createLives, type LivesDeps } from '../../../src/otlp/lives.ts';
import { attributesOf, type Span } from '../../../src/otlp/span.ts';

function recorded(more: Partial<LivesDeps> = {}) {
  const spans: Span[] = [];
  const lives = createLives({
    parent: null,
    flagsOf: () => 1,
    dateOf: (at) => 1_000_000 + at,
    spanEnded: (span) => void spans.push(span),
    ...more,
  });
  /** The states only differ by what matters here. */
  const enter = (...timeline: readonly (readonly [Phase, number])[]): void =>
    lives.stateEntered({
      kind: 'running',
      timeline: timeline.map(([phase, at]) => ({ phase, at })),
    } as unknown as State);
  return { spans, lives, enter };
}

test('an end before the first phase is a life since the start of k8s-run, and one after the last phase is none', () => {
  const early = recorded();
  early.lives.ended({ 'k8s_run.code': 69 }, 'no port');
  early.lives.close(1_000_009);
  assert.deepEqual(
    early.spans.map(({ name, start, end, error }) => [name, start, end, error]),
    [['life', 1_000_000, 1_000_009, 'no port']],
  );
  const late = recorded();
  late.enter(['preparing', 0]);
  late.lives.close(1_000_009);
  late.lives.ended({}, null);
  late.lives.close(1_000_010);
  assert.deepEqual(
    late.spans.map(({ name }) => name),
    ['preparing', 'life'],
  );
});

test('phases that follow each other at once all have a span', () => {
  const { spans, lives, enter } = recorded();
  enter(['preparing', 0]);
  enter(['preparing', 0], ['running', 5]);
  enter(['preparing', 0], ['running', 5], ['leftovers', 7], ['postExit', 7]);
  lives.close(1_000_009);
  assert.deepEqual(
    spans.map(({ name, start, end }) => [name, start - 1_000_000, end - 1_000_000]),
    [
      ['preparing', 0, 5],
      ['running', 5, 7],
      ['leftovers', 7, 7],
      ['postExit', 7, 9],
      ['life', 0, 9],
    ],
  );
  const root = lives.life();
  assert.ok(spans.slice(0, -1).every(({ parent }) => parent?.context.spanId === root.spanId));
});

test('the end of a life can be told after the next has begun', () => {
  const { spans, lives, enter } = recorded();
  enter(['preparing', 0], ['running', 1]);
  const first = lives.life();
  enter(['preparing', 8]);
  assert.notEqual(lives.life().traceId, first.traceId);
  assert.equal(lives.ended({ code: 1 }, 'failed').traceId, first.traceId);
  enter(['preparing', 8], ['running', 9]);
  const life = spans.find(({ name }) => name === 'life');
  assert.deepEqual([life?.error, life?.attributes, life?.end], ['failed', { code: 1 }, 1_000_008]);
  lives.close(1_000_010);
  assert.deepEqual(spans.at(-1)?.link, first);
});

test('what a hook prints after its end begins no span', () => {
  const { spans, lives, enter } = recorded();
  enter(['running', 0]);
  const hook = lives.hookBegun('before-kill', 1_000_001);
  assert.equal(lives.hook('before-kill'), hook);
  assert.equal(lives.hookEnded('before-kill', 'too late', 1_000_002), hook);
  assert.equal(lives.hook('before-kill'), null);
  lives.close(1_000_003);
  assert.deepEqual(
    spans.map(({ name, error }) => [name, error]),
    [
      ['hook before-kill', 'too late'],
      ['running', null],
      ['life', null],
    ],
  );
});

test('hooks that have not ended end with the life, and what comes after that makes no span', () => {
  const { spans, lives, enter } = recorded();
  enter(['preparing', 0], ['running', 1]);
  const hook = lives.hookBegun('on-change', 1_000_002);
  assert.deepEqual(lives.hookBegun('on-change', 1_000_003), hook, 'one span for a run');
  enter(['preparing', 5]);
  assert.equal(lives.hookEnded('on-change', null, 1_000_006), null);
  assert.equal(spans.filter(({ name }) => name === 'hook on-change').length, 1);
});

test('nothing of an unsampled life ends, and events are bounded', () => {
  const none = recorded({ flagsOf: () => 0 });
  none.enter(['preparing', 0]);
  none.lives.close(1_000_001);
  assert.deepEqual(none.spans, []);
  const { spans, lives, enter } = recorded();
  enter(['preparing', 0]);
  for (let count = 0; count < 130; count += 1) lives.happened({ name: 'x', time: 0, attributes: {} });
  lives.close(1_000_001);
  assert.deepEqual([spans[0]?.events.length, spans[0]?.droppedEvents], [128, 2]);
});

test('which ends are errors', () => {
  const end = (facts: Record<string, unknown>): boolean => errorOf({ msg: 'x', facts }) !== null;
  const OK = [
    { cause: 'exited', code: 0 },
    { cause: 'stopped', code: 0 },
    { cause: 'stopped', code: 143, signal: 'SIGTERM', sender: 'k8s-run' },
    { cause: 'stopped', code: 130 },
    { cause: 'stopped before start', code: 143 },
  ];
  const ERRORS = [
    { cause: 'exited', code: 1 },
    { cause: 'stopped', code: 1 },
    { cause: 'signalled', code: 139, signal: 'SIGSEGV', sender: 'app' },
    { cause: 'killed', code: 137, signal: 'SIGKILL', sender: 'k8s-run' },
    { cause: 'killed', code: 0 },
    ...['not started', 'dependencies missing', 'pre-start failed', 'fault'].map((cause) => ({ cause, code: 70 })),
  ];
  for (const facts of OK) assert.equal(end(facts), false, JSON.stringify(facts));
  for (const facts of ERRORS) assert.equal(end(facts), true, JSON.stringify(facts));
  assert.equal(errorOfRestart({ msg: 'x', facts: { code: 1 } }, 'info'), null);
  assert.equal(errorOfRestart({ msg: 'x', facts: { code: 0 } }, 'warn'), null);
  assert.equal(errorOfRestart({ msg: 'x', facts: { code: null, signal: 'SIGKILL' } }, 'warn'), 'x');
});

test('facts of the log become attributes', () => {
  const facts = { a: 'x', n: 1.5, b: false, none: null, nan: Number.NaN, list: [1, 2], parts: { of: { it: 'y' } } };
  assert.deepEqual(attributesOf(facts), {
    'k8s_run.a': 'x',
    'k8s_run.n': 1.5,
    'k8s_run.b': false,
    'k8s_run.list': [1, 2],
    'k8s_run.parts.of.it': 'y',
  });
  assert.deepEqual(attributesOf({ leftovers: [{ pid: 7 }] }), { 'k8s_run.leftovers': ['{"pid":7}'] });
  assert.equal(String(attributesOf({ long: 'x'.repeat(5_000) })['k8s_run.long']).length, 2_001);
});
