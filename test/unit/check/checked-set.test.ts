import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest, type Origin } from '../../../src/check/checked-set.ts';

const at = (file: string, namespace: string | null = null): Origin => ({ file, namespace });
const nearestTo = (from: Origin, ...objects: readonly Origin[]): readonly string[] =>
  nearest(from, objects, () => true).map(({ file }) => file);

test('of objects the nearest belong together: one file, one folder, above or below, beside', () => {
  const all = [at('x/b/c.yaml'), at('x/a/d/c.yaml'), at('x/a/b.yaml'), at('x/a/a.yaml'), at('y/a/a.yaml')];
  assert.deepEqual(nearestTo(at('x/a/a.yaml'), ...all), ['x/a/a.yaml']);
  assert.deepEqual(nearestTo(at('x/a/z.yaml'), ...all), ['x/a/b.yaml', 'x/a/a.yaml']);
  assert.deepEqual(nearestTo(at('x/a/d/e/z.yaml'), ...all), ['x/a/d/c.yaml', 'x/a/b.yaml', 'x/a/a.yaml']);
  assert.deepEqual(nearestTo(at('x/c/z.yaml'), ...all), ['x/b/c.yaml', 'x/a/b.yaml', 'x/a/a.yaml']);
  assert.deepEqual(nearestTo(at('z/c/z.yaml'), ...all), []);
});

test('what fits decides before what is near', () => {
  const objects = [at('a/a.yaml'), at('b/a.yaml')];
  assert.deepEqual(
    nearest(at('a/a.yaml'), objects, ({ file }) => file !== 'a/a.yaml'),
    [at('b/a.yaml')],
  );
});

test('objects of two namespaces do not belong together, and one without a namespace may be in any', () => {
  assert.deepEqual(nearestTo(at('a.yaml', 'x'), at('a.yaml', 'y')), []);
  assert.deepEqual(nearestTo(at('a.yaml', 'x'), at('a.yaml')), ['a.yaml']);
  assert.deepEqual(nearestTo(at('a.yaml'), at('a.yaml', 'y')), ['a.yaml']);
});

test('a name that only begins like a folder is not inside it, and the current folder has all relative ones inside', () => {
  assert.deepEqual(nearestTo(at('x/ab/c/d.yaml'), at('x/a/c.yaml')), []);
  assert.deepEqual(nearestTo(at('a.yaml'), at('x/y/z.yaml')), ['x/y/z.yaml']);
  assert.deepEqual(nearestTo(at('a.yaml'), at('../x/z.yaml'), at('/x/y.yaml')), []);
});
