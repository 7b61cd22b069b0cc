import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limited } from '../../../src/probe/name-lookup.ts';

type Answer = (error: NodeJS.ErrnoException | null, ...result: unknown[]) => void;

/** A lookup whose answers are given by hand. */
function byHand() {
  const asked: { readonly name: string; readonly answer: Answer }[] = [];
  const lookup = limited(
    (name, _options, answer) => void asked.push({ name, answer }),
    (name) => name === 'localhost',
  );
  const names = (): readonly string[] => asked.map(({ name }) => name);
  const answer = (name: string, ...result: unknown[]): void => {
    const index = asked.findLastIndex((each) => each.name === name);
    asked[index]?.answer(null, ...result);
  };
  return { lookup, names, answer };
}

test('while a name is looked up, others that ask for it get the same answer', () => {
  const { lookup, names, answer } = byHand();
  const answers: unknown[] = [];
  for (const asker of [1, 2]) lookup('db', { all: true }, (_error, result) => answers.push([asker, result]));
  lookup('db', { family: 6 }, () => {});
  assert.deepEqual(names(), ['db', 'db'], 'with other options it is another question');
  answer('db', 'six');
  assert.deepEqual(answers, []);
});

test('the answer goes to all askers, and the next question is asked again', () => {
  const { lookup, names, answer } = byHand();
  const answers: unknown[] = [];
  for (const asker of [1, 2]) lookup('db', {}, (_error, ...result) => answers.push([asker, ...result]));
  answer('db', '10.0.0.1', 4);
  assert.deepEqual(answers, [
    [1, '10.0.0.1', 4],
    [2, '10.0.0.1', 4],
  ]);
  const later: unknown[] = [];
  lookup('db', {}, (_error, ...result) => void later.push(...result));
  answer('db', '10.0.0.2', 4);
  assert.deepEqual(later, ['10.0.0.2', 4]);
  assert.deepEqual(names(), ['db', 'db']);
});

test('no more than three names are looked up at a time, the others follow in order, and one that needs no name server never waits', () => {
  const { lookup, names, answer } = byHand();
  for (const name of ['a', 'b', 'c', 'd', 'e', 'localhost']) lookup(name, {}, () => {});
  assert.deepEqual(names(), ['a', 'b', 'c', 'localhost']);
  answer('b');
  assert.deepEqual(names(), ['a', 'b', 'c', 'localhost', 'd']);
  answer('a');
  answer('c');
  assert.deepEqual(names(), ['a', 'b', 'c', 'localhost', 'd', 'e']);
});
