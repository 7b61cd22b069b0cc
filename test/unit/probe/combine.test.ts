import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Standing } from '../../../src/lifecycle/state.ts';
import { combineStandings, type ProbeMember } from '../../../src/probe/combine.ts';

const passing: Standing = { kind: 'passing' };
const pending: Standing = { kind: 'pending', cause: 'failed', reason: 'not yet' };
const failing: Standing = { kind: 'failing', cause: 'failed', reason: 'HTTP 500' };
const member = (name: string | null, standing: Standing, degraded = false): ProbeMember => ({
  name,
  standing,
  degraded,
});

test('all members must pass, and the reason names the one that does not', () => {
  assert.deepEqual(combineStandings([member(null, passing), member('db', passing)]), passing);
  assert.deepEqual(combineStandings([member(null, failing), member('db', passing)]), failing);
  assert.deepEqual(combineStandings([member(null, passing), member('db', failing)]), {
    kind: 'failing',
    cause: 'failed',
    reason: 'db: HTTP 500',
  });
  assert.deepEqual(combineStandings([member(null, pending), member('db', passing)]), pending);
});

test('a failing member decides before a pending one, and all failing ones are named', () => {
  assert.deepEqual(combineStandings([member(null, pending), member('db', failing), member('mq', failing)]), {
    kind: 'failing',
    cause: 'failed',
    reason: 'db: HTTP 500; mq: HTTP 500',
  });
});

test('a degraded check is no part of the verdict', () => {
  assert.deepEqual(combineStandings([member(null, passing), member('cache', failing, true)]), passing);
  assert.deepEqual(combineStandings([member(null, passing), member('cache', pending, true)]), passing);
});
