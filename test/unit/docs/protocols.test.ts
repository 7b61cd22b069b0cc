import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PROTOCOL_CASES } from '../../system/shutdown/protocol-cases.ts';

const PAGE = readFileSync(new URL('../../../docs/explanation/connections.md', import.meta.url), 'utf8');

test('the table of protocols has the cases that are tried, and no others', () => {
  const [, section = ''] = PAGE.split('\n## By protocol\n');
  const rows = section
    .split('\n## ')[0]
    ?.split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => line.split('|').map((cell) => cell.trim()));
  assert.deepEqual(
    rows?.map(([, protocol, state, verdict]) => ({ protocol, state, verdict })),
    PROTOCOL_CASES,
  );
});
