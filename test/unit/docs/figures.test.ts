import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withFigures } from '../../../scripts/figures/in-pages.ts';
import { benchmark, onACluster } from '../../../scripts/figures/tables.ts';
import { mebibytes, milliseconds, range, rounded, size } from '../../../scripts/figures/words.ts';

test('a figure in prose has two significant digits and a unit that fits', () => {
  assert.deepEqual([37.7, 1.551, 1, 0.102, 215, 99.6].map(rounded), ['38', '1.6', '1', '0.1', '220', '100']);
  assert.deepEqual([1131.1, 244.8, 0.357].map(milliseconds), ['1.1 s', '240 ms', '0.36 ms']);
  assert.deepEqual([0.018, 1.91, 119.2].map(size), ['19 kB', '2 MB', '125 MB']);
  assert.equal(mebibytes(15.9), '16 MiB');
  assert.equal(range([11.8, 11.2]), '11 to 12');
  assert.equal(range([11.1, 11.2]), '11');
});

test('a figure, a row or a table that does not exist is an error that names it', () => {
  assert.throws(
    () => withFigures('x.md', '<!-- figure: no such -->1<!-- end -->'),
    /x\.md: there is no figure "no such"/,
  );
  assert.throws(() => benchmark('No such'), /no section "No such"/);
  assert.throws(() => onACluster('memory').cell('no such', 'more'), /no figure in the row "no such"/);
});
