import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { COMMAND_EXITS } from '../../../src/cli/command-exits.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import * as codes from '../../../src/exit/exit-codes.ts';
import { EXIT_CODES } from '../../../src/exit/exit-meanings.ts';

const ROOT = new URL('../../../', import.meta.url).pathname;
const CODES: Readonly<Record<string, number>> = codes;
const FILES = [...globSync(['src/**/*.ts', 'bin/*.js'], { cwd: ROOT })].map((path) => ({
  path,
  text: readFileSync(`${ROOT}${path}`, 'utf8'),
}));

test('a constant that is repeated has the value of exit-codes.ts', () => {
  const repeated = FILES.flatMap(({ path, text }) =>
    [...text.matchAll(/\bconst (EXIT_\w+) = (\d+);/g)].map(([, name = '', value]) => ({
      path,
      name,
      value: Number(value),
    })),
  );
  assert.ok(
    ['src/main.ts', 'src/lifecycle/exit.ts', 'bin/k8s-run.js'].every((each) =>
      repeated.some(({ path }) => path === each),
    ),
  );
  for (const { path, name, value } of repeated) assert.equal(value, CODES[name], `${name} in ${path}`);
});

test('every code has a meaning for supervising or for a command', () => {
  const commands = Object.values(COMMAND_EXITS).flatMap((exits) => Object.keys(exits));
  const known = new Set([...Object.keys(EXIT_CODES), ...commands]);
  for (const code of Object.values(CODES)) assert.ok(known.has(String(code)), String(code));
  for (const code of commands)
    assert.ok(/^(0|1|128 \+ n)$/.test(code) || Object.values(CODES).includes(Number(code)), code);
});

test('every command says its exit codes, 0 and 64 among them', () => {
  assert.deepEqual(Object.keys(COMMAND_EXITS), Object.keys(COMMANDS));
  for (const [name, exits] of Object.entries(COMMAND_EXITS)) assert.ok('0' in exits && '64' in exits, name);
});
