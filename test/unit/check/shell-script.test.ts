import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handlesSignals, withExec } from '../../../src/check/shell-script.ts';

test('withExec adds exec only before a command that can only be the app', () => {
  const cases: readonly (readonly [script: string, expected: string | null])[] = [
    ['node server.js', 'exec node server.js'],
    ['cd /app && ./server --x', 'cd /app && exec ./server --x'],
    ['set -e; umask 022; export A=1; B=2; ./server', 'set -e; umask 022; export A=1; B=2; exec ./server'],
    ['set -e\nulimit -n 9\nserver', 'set -e\nulimit -n 9\nexec server'],
    // The app may be the command before the last.
    ['./server; exit 0', null],
    ['./server; ./cleanup', null],
    ['server && true', null],
    // Commands of the shell are not programs.
    ['cd /app && . ./env.sh', null],
    ...['source x', 'cd /app', 'export A=1', 'wait', ': x', 'true', 'false', 'eval x', 'return 1', 'trap x TERM'].map(
      (script) => [script, null] as const,
    ),
    ...['shift', 'unset A', 'read x', 'test -f x', '[ -f x ]', 'ulimit -n 1', 'umask 1', 'set -e', 'exit'].map(
      (script) => [script, null] as const,
    ),
    // Only a shell can tell what the app is.
    ...['A=1 server', 'server | tee', 'server &', 'a || b', 'server "$A"', 'server > x', 'server ', ''].map(
      (script) => [script, null] as const,
    ),
  ];
  for (const [script, expected] of cases) assert.equal(withExec(script), expected, script);
});

test('handlesSignals is true for a script with exec or trap', () => {
  for (const script of [
    'exec node x',
    'migrate && exec node x',
    'exec node "$@" > out 2>&1',
    'if a; then b; fi\nexec node \\\n  x\n',
    'trap "kill 1" TERM; node x & wait',
  ])
    assert.ok(handlesSignals(script), script);
  for (const script of ['node exec x', 'exec 2>&1; node x', 'exec > out; node x', 'exec a; b', 'node x'])
    assert.ok(!handlesSignals(script), script);
});
