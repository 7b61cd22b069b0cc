import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isDnsLabel,
  isLabelName,
  isLabelValue,
  isObjectName,
  isPortName,
  isServiceName,
  isVariableName,
} from '../../../src/manifest/names.ts';

const LONG = 'a'.repeat(64);

type Case = {
  readonly accepts: (text: string) => boolean;
  readonly right: readonly string[];
  readonly wrong: readonly string[];
};
const CASES: readonly Case[] = [
  {
    accepts: isDnsLabel,
    right: ['web', '2024-shop', 'a', '0', LONG.slice(1)],
    wrong: ['', 'Web', 'a_b', '-a', 'a-', 'a.b', LONG, 'a\n'],
  },
  { accepts: isServiceName, right: ['web', 'a-1'], wrong: ['', '1a', '-a', 'a-', 'a.b', LONG, 'web\n'] },
  {
    accepts: isObjectName,
    right: ['web', '1.2', 'a.b-c'],
    wrong: ['', '.a', 'a.', 'a..b', 'a-.b', 'A', 'a'.repeat(254)],
  },
  {
    accepts: isLabelValue,
    right: ['', '1.0.0', 'a_b-C.d', LONG.slice(1)],
    wrong: ['-a', 'a-', 'a b', LONG, 'a+b', 'a\n'],
  },
  {
    accepts: isLabelName,
    right: ['team', 'a.b/c_D', 'app.kubernetes.io/part-of'],
    wrong: ['', '/a', 'a/', 'a/b/c', 'A.b/c', LONG, 'x y'],
  },
  {
    accepts: isVariableName,
    right: ['A', '_a', 'a.b-c', '-x', '.a'],
    wrong: ['', '1a', 'a=b', 'a b', '.', '..', '..a', 'é'],
  },
  {
    accepts: isPortName,
    right: ['http', 'h2c', '1a', 'a-b', 'a'.repeat(15)],
    wrong: ['', '8080', 'a--b', '-a', 'a-', 'A', 'a'.repeat(16), 'a.b'],
  },
];

for (const { accepts, right, wrong } of CASES) {
  test(`${accepts.name} accepts and rejects the names that the API server does`, () => {
    for (const text of right) assert.ok(accepts(text), JSON.stringify(text));
    for (const text of wrong) assert.ok(!accepts(text), JSON.stringify(text));
  });
}
