import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import { exitOf, spawnFailure } from '../../../src/process/exit-code.ts';

test('each of the 256 exit codes is reported as it is', () => {
  for (let code = 0; code < 256; code += 1) assert.deepEqual(exitOf(code, null), { kind: 'code', code });
});

test('each signal that ends a process is reported by its number', () => {
  const names = Object.keys(constants.signals) as NodeJS.Signals[];
  assert.ok(names.length >= 31);
  for (const name of names) {
    assert.deepEqual(exitOf(null, name), { kind: 'signal', signal: constants.signals[name] });
  }
});

test('an exit for which Node reports neither code nor signal has code 0', () => {
  assert.deepEqual(exitOf(null, null), { kind: 'code', code: 0 });
});

test('a spawn failure has its errno and a sentence about it', () => {
  const failureOf = (code: string | undefined): ReturnType<typeof spawnFailure> =>
    spawnFailure(Object.assign(new Error('spawn app failed'), code === undefined ? {} : { code }));
  assert.equal(failureOf('ENOENT').code, 'ENOENT');
  assert.match(failureOf('ENOENT').detail, /no such file/);
  assert.match(failureOf('EACCES').detail, /not executable/);
  assert.match(failureOf('ENOEXEC').detail, /architecture/);
  // For an empty name Node reports a bad argument, not ENOENT.
  assert.equal(failureOf('ERR_INVALID_ARG_VALUE').code, 'ENOENT');
  assert.deepEqual(failureOf('EODD'), { code: 'EODD', detail: 'spawn app failed' });
  assert.deepEqual(failureOf(undefined), { code: 'UNKNOWN', detail: 'spawn app failed' });
});
