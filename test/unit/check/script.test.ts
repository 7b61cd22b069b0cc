import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hearsSignals, withExec } from '../../../src/check/script.ts';

test('`exec` is written only before what can only be the app', () => {
  const fixed: readonly (readonly [script: string, wanted: string | null])[] = [
    ['node server.js', 'exec node server.js'],
    ['cd /app && ./server --x', 'cd /app && exec ./server --x'],
    ['set -e; umask 022; export A=1; B=2; ./server', 'set -e; umask 022; export A=1; B=2; exec ./server'],
    ['set -e\nulimit -n 9\nserver', 'set -e\nulimit -n 9\nexec server'],
    // The app is the one before.
    ['./server; exit 0', null],
    ['./server; ./cleanup', null],
    ['server && true', null],
    // Builtins are no programs.
    ['cd /app && . ./env.sh', null],
    ...['source x', 'cd /app', 'export A=1', 'wait', ': x', 'true', 'false', 'eval x', 'return 1', 'trap x TERM'].map(
      (script) => [script, null] as const,
    ),
    ...['shift', 'unset A', 'read x', 'test -f x', '[ -f x ]', 'ulimit -n 1', 'umask 1', 'set -e', 'exit'].map(
      (script) => [script, null] as const,
    ),
    // What only a shell can read.
    ...['A=1 server', 'server | tee', 'server &', 'a || b', 'server "$A"', 'server > x', 'server ', ''].map(
      (script) => [script, null] as const,
    ),
  ];
  for (const [script, wanted] of fixed) assert.equal(withExec(script), wanted, script);
});

test('a shell that gives way, or handles signals, is seen', () => {
  for (const script of [
    'exec node x',
    'migrate && exec node x',
    'exec node "$@" > out 2>&1',
    'if a; then b; fi\nexec node \\\n  x\n',
    'trap "kill 1" TERM; node x & wait',
  ])
    assert.ok(hearsSignals(script), script);
  for (const script of ['node exec x', 'exec 2>&1; node x', 'exec > out; node x', 'exec a; b', 'node x'])
    assert.ok(!hearsSignals(script), script);
});
