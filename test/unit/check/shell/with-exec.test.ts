import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withExec } from '../../../../src/check/shell/with-exec.ts';

const options = { readsProfile: false, shells: ['dash'] } as const;

test('withExec adds exec only before a command that can only be the app', () => {
  const cases: readonly (readonly [script: string, expected: string | null])[] = [
    ['node server.js', 'exec node server.js'],
    ['node server.js\n', 'exec node server.js\n'],
    [
      '  # the app\n  node "$FILE" --x=`y` > log 2>&1 # to a file',
      '  # the app\n  exec node "$FILE" --x=`y` > log 2>&1 # to a file',
    ],
    ['cd /app && ./server --x', 'cd /app && exec ./server --x'],
    ['set -e; umask 022; export A=1; B=2; ./server', 'set -e; umask 022; export A=1; B=2; exec ./server'],
    ['set -e\nulimit -n 9\nserver', 'set -e\nulimit -n 9\nexec server'],
    ['exec 2>&1\nmkdir -p "$A" && cp x y\nserver', 'exec 2>&1\nmkdir -p "$A" && cp x y\nexec server'],
    // The app may be the command before the last.
    ...['./server; exit 0', './server; ./cleanup', 'server && true', 'server || exit 1'].map(
      (script) => [script, null] as const,
    ),
    // Commands of the shell are not programs, and only a shell can tell what other words are.
    ...['cd /app && . ./env.sh', 'source x', 'cd /app', 'export A=1', 'wait', ': x', 'true', 'eval x', 'return 1'].map(
      (script) => [script, null] as const,
    ),
    ...['shift', 'unset A', 'read x', 'test -f x', '[ -f x ]', 'ulimit -n 1', 'umask 1', 'set -e', 'exit', '--'].map(
      (script) => [script, null] as const,
    ),
    ...['"$APP" x', '$APP', '~/server', 'ser*er', 'A=1 server', 'server | tee', 'server &', 'a || b', ''].map(
      (script) => [script, null] as const,
    ),
    ...[
      '! server',
      'time server',
      'x & server',
      '(server)',
      '{ server; }',
      'f() { server; }; f',
      'trap x EXIT; server',
    ].map((script) => [script, null] as const),
    ...[
      'while true; do ./serve; done',
      'if a; then server; fi',
      'for i in 1 2; do server; done',
      'case a in a) b;; esac',
    ].map((script) => [script, null] as const),
    // As PID 1 these get no signal either.
    ...['sleep infinity', 'tail -f /dev/null', 'sh -c "server; x"', 'sh -c "$SCRIPT"', 'exec server', "echo 'open"].map(
      (script) => [script, null] as const,
    ),
  ];
  for (const [script, expected] of cases) assert.equal(withExec(script, options), expected, script);
});

test('withExec adds no exec where a profile may define a function of that name', () => {
  const profile = { ...options, readsProfile: true };
  assert.equal(withExec('server', profile), null);
  assert.equal(withExec('/bin/server', profile), 'exec /bin/server');
});
