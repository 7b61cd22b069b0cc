import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alternate, type Comparison, median } from '../../../bench/measure.ts';
import { withSections } from '../../../bench/page.ts';
import { plot } from '../../../bench/plot.ts';
import { missed, section } from '../../../bench/report.ts';
import { circumstances } from '../../../bench/rollout/circumstances.ts';
import type { Result } from '../../../bench/rollout/players.ts';
import { verdicts } from '../../../bench/rollout/verdicts.ts';
import { type Name, ON_TERM, type OnTerm } from '../../rig/rollout/contenders.ts';

test('the median of a measurement is the middle value, or the mean of the two in the middle', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([4, 10, 1, 2]), 3);
  assert.equal(median([7]), 7);
});

test('contenders of a benchmark take turns, each round begins with another one, and the first round does not count', async () => {
  const asked: string[] = [];
  const contenders = [{ name: 'a' }, { name: 'b' }];
  const samples = await alternate(
    contenders,
    2,
    async ({ name }) => asked.push(name),
    () => {},
  );
  assert.deepEqual(asked, ['a', 'b', 'b', 'a', 'a', 'b']);
  assert.deepEqual(samples, [
    { name: 'a', values: [4, 5] },
    { name: 'b', values: [3, 6] },
  ]);
});

test('a target of a benchmark is judged by the median, and the report says when it is missed', () => {
  const target = { of: 'ratio', atMost: 1.4, madeOf: 'its own code' } as const;
  const text = section({
    kind: 'comparison',
    title: 'Start',
    method: 'By the clock.',
    unit: 'ms',
    yardstick: 'bare',
    rows: [
      { name: 'bare', values: [10, 10, 10] },
      { name: 'k8s-run', values: [1, 14, 99] },
      { name: 'k8s-run, all on', values: [1, 15, 15] },
    ],
    targets: [
      { row: 'k8s-run', ...target },
      { row: 'k8s-run, all on', ...target },
    ],
  });
  assert.match(text, /^- k8s-run: target at most 1\.4×: met, 1\.40×\.$/m);
  assert.match(text, /^- k8s-run, all on: target at most 1\.4×: \*\*missed\*\*, 1\.50×\. It includes its own code\.$/m);
});

test('a target with a minimum is met by as much or more, and the worst value counts where the target says so', () => {
  const comparison = {
    kind: 'comparison',
    title: 'Speed',
    method: 'By the clock.',
    unit: 'answers/s',
    yardstick: 'bare',
    rows: [
      { name: 'bare', values: [100] },
      { name: 'k8s-run', values: [80, 80, 79] },
    ],
  } as const;
  const target = { row: 'k8s-run', madeOf: 'its own code' } as const;
  const met: Comparison = { ...comparison, targets: [{ ...target, of: 'ratio', atLeast: 0.8 }] };
  const worst: Comparison = { ...comparison, targets: [{ ...target, of: 'worst', atMost: 79.5 }] };
  assert.equal(missed([met]), 0);
  assert.equal(missed([met, worst]), 1);
  assert.match(section(met), /^- k8s-run: target at least 0\.8×: met, 0\.800×\.$/m);
  assert.match(section(worst), /target at most 79\.5 answers\/s for the worst value: \*\*missed\*\*, 80\.0/);
});

test('the report names who is better than every k8s-run, by what is better for the unit', () => {
  const rows = [
    { name: 'k8s-run', values: [10] },
    { name: 'k8s-run, all on', values: [12] },
    { name: 'small', values: [9] },
    { name: 'large', values: [11] },
    { name: 'yardstick', values: [1] },
  ];
  const common = { kind: 'comparison', title: 'T', method: 'M.', yardstick: null, rows, targets: [] } as const;
  const how = { others: ['small', 'large'], plots: false };
  const less = section({ ...common, unit: 'MiB' }, how);
  assert.match(less, /^- better than k8s-run's 10\.0 MiB: small \(9\.00\)\.$/m);
  assert.match(less, /^- not better than k8s-run's 10\.0 MiB: large \(11\.0\)\.$/m);
  const more = section({ ...common, unit: 'answers/s' }, how);
  assert.doesNotMatch(more, /^- better/m);
  assert.match(more, /^- not better than k8s-run's 12\.0 answers\/s: small \(9\.00\), large \(11\.0\)\.$/m);
});

test('a plot has a bar for every row, as long as its value, and says when the scale is logarithmic', () => {
  const rowsOf = (...values: readonly number[]): Comparison['rows'] =>
    values.map((value, index) => ({ name: index === 0 ? 'k8s-run' : `a<${index}`, values: [value] }));
  const common = { kind: 'comparison', title: 'T', method: 'M.', unit: 'ms', yardstick: null, targets: [] } as const;
  const widths = (svg: string): readonly number[] =>
    [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));
  const linear = plot({ ...common, rows: rowsOf(10, 5, 0) });
  const [whole = 0, half = 0, none] = widths(linear);
  assert.ok(whole > 0);
  assert.deepEqual([half, none], [whole / 2, 0]);
  assert.match(linear, /a&lt;1/);
  assert.doesNotMatch(linear, /logarithmic/);
  const wide = plot({ ...common, rows: rowsOf(1_000, 10, 0.1) });
  assert.match(wide, /logarithmic/);
  const [most = 0, middle = 0, least = 0] = widths(wide);
  assert.ok(most > middle && middle > least && least > 0);
});

test('a loss curve names the first delay from which on no signal was lost', () => {
  const text = section({
    kind: 'loss curve',
    title: 'TERM',
    method: 'By the clock.',
    delays: [1, 5, 10],
    sent: 2,
    rows: [
      { name: 'early', kept: [2, 1, 2] },
      { name: 'never', kept: [2, 2, 1] },
      { name: 'always', kept: [2, 2, 2] },
    ],
  });
  assert.match(text, /^\| early .*\| +10 ms \|$/m);
  assert.match(text, /^\| never .*\| later than 10 ms \|$/m);
  assert.match(text, /^\| always .*\| +1 ms \|$/m);
});

/** A row of a run in which nothing failed, and what one that failed has besides. */
function row(contender: Name, onTerm: OnTerm, failures: number, slowest: number): Result {
  const requestCounts = { made: 3_500, failed: failures === 0 ? {} : { ECONNRESET: failures }, own: {}, slowest };
  const counts = {
    new: requestCounts,
    'kept-alive': requestCounts,
    slow: requestCounts,
    upload: requestCounts,
    events: requestCounts,
    websocket: requestCounts,
    long: requestCounts,
  };
  const rollout = { untilReady: 1, took: 1, terminations: [{ took: 1, end: 'exited', held: 5_000 }] } as const;
  return { contender, onTerm, firstPort: 1, rollouts: Array.from({ length: 10 }, () => rollout), counts };
}

test('a rollout that lost requests misses its target, and one on a machine that was too busy has no verdict', () => {
  const run = (failures: number, slowest: number): string =>
    verdicts({
      machine: {},
      circumstances: circumstances('full', '1'),
      loaded: ON_TERM.flatMap((onTerm) => [row('k8s-run', onTerm, failures, slowest)]),
      idle: [],
    }).join('\n');
  assert.match(run(0, 100), /k8s-run: target 0 failed of new, slow, upload: met\./);
  assert.match(
    run(2, 100),
    /k8s-run: target 0 failed of new, slow, upload: \*\*missed\*\*, 2 new of an app that dies, /,
  );
  assert.match(run(0, 100), /10 rollouts of each app: met, at least 10500 requests and 10 rollouts\./);
  assert.doesNotMatch(run(0, 100), /does not count/);
  assert.match(run(0, 1_500), /does not count\*\*: an ordinary answer took 1\.5 s/);
});

test('a run replaces the sections of its measures on the page, and keeps the others', () => {
  const before = 'Old preface.\n\n## Machine\n\n- node: 1\n\n## Start\n\nold\n\n## Size\n\nkept\n';
  const after = withSections(before, 'Preface.\n\n', ['## Start\n\nnew', '## Exit\n\nadded']);
  assert.equal(
    after,
    'Preface.\n\n## Machine\n\n- node: 1\n\n## Start\n\nnew\n\n## Size\n\nkept\n\n## Exit\n\nadded\n',
  );
});
