import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remedyFor } from '../../../../src/rehearse/advice/remedy.ts';
import type { AppFailure } from '../../../../src/rehearse/results.ts';

const KINDS: Readonly<Record<AppFailure['kind'], true>> = {
  'not started': true,
  'exited early': true,
  'never ready': true,
  'probe fails': true,
  'start held back': true,
  'exited while serving': true,
  'restart due': true,
  'port taken': true,
  daemonized: true,
};

test('each kind of app failure has a remedy of its own', () => {
  const kinds = Object.keys(KINDS) as AppFailure['kind'][];
  const remedies = kinds.map((kind) => remedyFor({ kind, text: 'x', output: ['y'] }));
  assert.equal(new Set(remedies).size, kinds.length);
  assert.ok(remedies.every((remedy) => remedy.endsWith('.')));
});
