import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { KNOWN_PROGRAMS, type ProgramAdvice } from '../../../src/programs/known-programs.ts';
import { remedyOf } from '../../../src/programs/stop-advice.ts';

const PAGE = readFileSync(new URL('../../../docs/how-to/signals.md', import.meta.url), 'utf8');

/** The cells of a row of the table, with options and flags as code. */
const better = (advice: ProgramAdvice): string =>
  remedyOf(advice)
    .split(' and ')
    .map((each) => each.replace(/(--.*)/, '`$1`'))
    .join(' and ');

test('docs/how-to/signals.md has the table of known programs', () => {
  const [, rest = ''] = PAGE.split(/^\| program +\| at SIGTERM.*\n.*\n/m);
  const rows = (rest.split('\n\n')[0] ?? '').split('\n').map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
  const expected = KNOWN_PROGRAMS.filter(({ tested }) => tested !== null).map(({ names, tested, onTerm, advice }) => [
    `${names.join(', ')} (${tested})`,
    onTerm,
    advice === null ? '–' : better(advice),
    advice === null ? '–' : advice.gain,
  ]);
  assert.deepEqual(rows, expected);
});
