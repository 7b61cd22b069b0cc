import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alternate, median } from '../bench/measure.ts';
import { report } from '../bench/report.ts';

test('the median is the middle value, or the mean of the two in the middle', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([4, 10, 1, 2]), 3);
  assert.equal(median([7]), 7);
});

test('contenders take turns, each round begins with another one, and the first round does not count', async () => {
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

test('a target is judged by the median, and one that was missed is said to be', () => {
  const target = { of: 'ratio', atMost: 1.4, madeOf: 'its own code' } as const;
  const text = report({}, [
    {
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
    },
  ]);
  assert.match(text, /^- k8s-run: target at most 1\.4×: met, 1\.40×\.$/m);
  assert.match(
    text,
    /^- k8s-run, all on: target at most 1\.4×: \*\*missed\*\*, 1\.50×\. It is made of its own code\.$/m,
  );
});

test('none is lost from the first delay after the last loss', () => {
  const text = report({}, [
    {
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
    },
  ]);
  assert.match(text, /^\| early .*\| +10 ms \|$/m);
  assert.match(text, /^\| never .*\| later than 10 ms \|$/m);
  assert.match(text, /^\| always .*\| +1 ms \|$/m);
});
