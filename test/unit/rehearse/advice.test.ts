import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adviceOn } from '../../../src/rehearse/advice.ts';
import { causeOf } from '../../../src/rehearse/causes.ts';
import type { Circumstances, Side, Trouble } from '../../../src/rehearse/facts.ts';
import { figuresOf, quantile } from '../../../src/rehearse/figures.ts';
import { remedyFor } from '../../../src/rehearse/remedy.ts';
import { CIRCUMSTANCES, deleted, load, sample, side, story } from '../../rig/rehearsal.ts';

const refused = { failure: 'connection refused', took: 1 };

function said(of: Side, flags: readonly string[] = ['drain-connections'], known: Partial<Circumstances> = {}): string {
  return adviceOn(of, { ...CIRCUMSTANCES, ...known }, (flag) => flags.includes(flag))
    .map(({ weight, text }) => `${weight}: ${text}`)
    .join('\n');
}

test('a failure is put down to what had happened to its pod', () => {
  const pods = [deleted('web-1'), story('web-2', { ready: 4_000 })];
  const cause = (at: number, known = {}): string =>
    causeOf(sample(at, { failure: 'connection closed', ...known }), pods);
  assert.equal(cause(3_000), 'app');
  assert.equal(cause(6_000), 'app');
  assert.equal(cause(9_990), 'cut');
  assert.equal(cause(9_990, { connection: 'kept-alive' }), 'cut');
  assert.equal(cause(10_010, refused), 'refused');
  assert.equal(cause(10_100, refused), 'late');
  assert.equal(cause(4_200, { ...refused, pod: 'web-2' }), 'early');
  assert.equal(cause(6_000, { ...refused, pod: 'web-2' }), 'app');
  assert.equal(cause(6_000, { pod: null }), 'nobody');
});

test('where nothing is lost there is nothing to change', () => {
  assert.match(said(side([deleted('web-1')], { load: load([sample(2_000)]) })), /^fine: No request was lost/);
  assert.match(said(side([deleted('web-1')], { load: null })), /^fine: Every old replica ended by itself/);
});

test('each loss names its option', () => {
  const lost = (...samples: readonly ReturnType<typeof sample>[]): Side =>
    side([deleted('web-1')], { load: load(samples) });
  const cut = { failure: 'connection closed', connection: 'kept-alive' } as const;
  assert.match(said(lost(sample(10_100, refused))), /bad: 1 request came when .* Give --shutdown-delay 6s\./);
  assert.match(
    said(lost(sample(9_990, cut))),
    /bad: 1 request was cut .*kept-alive connection\. Add --drain-connections 10s/,
  );
  assert.match(said(lost(sample(9_990, cut), sample(9_991, cut)), []), /2 requests were cut .*it has 20s \(--grace\)/);
  const young = { ...refused, pod: 'web-2' };
  const early = side([story('web-2')], {
    load: load([sample(1_100, young), sample(2_500, young), sample(2_900, { pod: 'web-2' }), sample(4_000, young)]),
  });
  assert.match(
    said(early),
    /2 requests came to a new replica that was ready .*--ready[\s\S]*1 request failed at replicas/,
  );
  assert.match(said(early, [], { readinessProbe: false }), /2 requests came .*the manifest has no readinessProbe/);
  assert.match(said({ ...early, way: 'alone' }), /2 came to a new replica that did not answer yet, 1 failed otherwise/);
  assert.match(said(lost(sample(3_000, { failure: 'HTTP 500' }))), /HTTP 500 \(1\), most on \/.*--paths/);
  assert.match(said(lost(sample(3_000, { failure: 'x', pod: null }))), /found no replica at all.*--ready/);
  assert.doesNotMatch(said(lost(sample(3_000))), /bad/);
});

test('who had to be killed, and why', () => {
  const killed = { killed: { at: 30_000, by: 'k8s-run' }, exitCode: 137 } as const;
  assert.match(
    said(side([deleted('web-1', { ...killed, deaf: true })])),
    /bad: The app ignores SIGTERM: web-1 was killed after 20s\. Handle the signal.*--grace/,
  );
  assert.match(
    said(side([deleted('web-1', { ...killed, deaf: false })])),
    /bad: The app was still busy 20s after SIGTERM.*--grace 40s/,
  );
  const byKubelet = { killed: { at: 30_000, by: 'the kubelet' }, exitCode: 137 } as const;
  assert.match(said(side([deleted('web-1', byKubelet)])), /terminationGracePeriodSeconds to 27 or more/);
  assert.match(
    said(side([deleted('web-1', byKubelet)], { way: 'alone' })),
    /SIGTERM did not end the app.*first process/,
  );
});

test('a preStop hook is part of what the kubelet waits for, and no grace is offered that is none', () => {
  const killed = { killed: { at: 13_000, by: 'the kubelet' }, exitCode: 137 } as const;
  const hook = deleted('web-1', { ...killed, draining: 8_020 });
  const short = { preStop: true, grace: 1_000, terminationGracePeriod: 8_000 };
  const text = said(side([hook]), [], short);
  assert.match(
    text,
    /preStop hook takes 3s, pause and grace take 6s\. Set terminationGracePeriodSeconds to 11 or more/,
  );
  assert.doesNotMatch(text, /--grace/);
  const usual = said(side([hook]), [], { preStop: true, terminationGracePeriod: 8_000 });
  assert.match(usual, /terminationGracePeriodSeconds to 30 or more/);
  assert.doesNotMatch(usual, /--grace/);
  const long = said(side([hook]), [], { preStop: true, terminationGracePeriod: 20_000 });
  assert.match(long, /to 30 or more, or give --grace 10s\./);
  // The hook outlasts the period: only as much of it is known.
  const over = deleted('web-1', { ...killed, draining: null, signalled: null });
  assert.match(
    said(side([over]), [], { preStop: true, terminationGracePeriod: 8_000 }),
    /hook takes 8s.*to 35 or more/,
  );
  assert.match(
    said(side([deleted('web-1', killed)]), [], { grace: 1_000, terminationGracePeriod: 3_000 }),
    /to 8 or more/,
  );
});

test('what is left behind, odd exit codes and warnings are noted, and no loss', () => {
  const text = said(side([deleted('web-1', { leftovers: ['cat', 'cat'], exitCode: 3, remarks: ['something odd'] })]));
  assert.match(text, /^fine/);
  assert.match(text, /note: .*cat \(2 times\)/);
  assert.match(text, /note: .*--remap-exit 3:0/);
  assert.match(text, /note: k8s-run warned: something odd/);
});

test('every trouble has a remedy of its own', () => {
  const kinds: readonly Trouble['kind'][] = [
    'not started',
    'ended',
    'never ready',
    'refused',
    'held',
    'died',
    'condemned',
    'port taken',
    'background',
  ];
  const remedies = kinds.map((kind) => remedyFor({ kind, what: 'x', lines: ['y'] }));
  assert.equal(new Set(remedies).size, kinds.length);
  assert.ok(remedies.every((remedy) => /[.?]$/.test(remedy)));
});

test('figures: counts, quantiles, and the longest time without an answer', () => {
  assert.deepEqual(
    [0, 0.5, 0.99, 1].map((share) => quantile([1, 2, 3, 4], share)),
    [1, 2, 4, 4],
  );
  const samples = [
    sample(0, { took: 100 }),
    sample(1_000, refused),
    sample(2_900, { took: 100 }),
    sample(3_100, { took: 10 }),
  ];
  const figures = figuresOf(side([deleted('web-1')], { load: load(samples) }));
  assert.deepEqual([figures.made, figures.failed, figures.stall], [4, 1, 2_900]);
  assert.deepEqual(figures.failures, [['connection refused', 1]]);
  assert.deepEqual(figures.untilReady, [1_000]);
  assert.deepEqual(figures.exitCodes, [[0, 1]]);
  const paused = figuresOf(side([], { load: load(samples, { paused: [{ from: 200, to: 2_200 }] }) }));
  assert.equal(paused.stall, 900);
  assert.equal(figuresOf(side([], { load: load([]) })).latency, null);
});
