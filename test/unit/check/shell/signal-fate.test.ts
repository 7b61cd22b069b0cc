import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shellsNamed } from '../../../../src/check/shell/image-shell.ts';
import { fateOfSignals } from '../../../../src/check/shell/signal-fate.ts';

/** Why the signal is lost under dash; null where it reaches the app. */
function causeOf(script: string): string | null {
  const fate = fateOfSignals(script, ['dash']);
  return fate.kind === 'lost' ? fate.cause : null;
}

test('the stop signal reaches an app that replaces the shell, and one that a trap stops', () => {
  for (const script of [
    'exec node x',
    'migrate && exec node x',
    'exec node "$@" > out 2>&1',
    'if a; then b; fi\nexec node \\\n  x\n',
    'if a; then exec b; else exec c; fi',
    'case $A in a) exec b;; *) exec c;; esac',
    'exec a || exit 127',
    'exec a || { echo "no a"; exit 127; }',
    'exec a; b',
    'exec a > >(tee log)',
    'exec -a name a',
    'exec env A=1 a',
    'exec sh -c "exec a"',
    'trap "kill 1" TERM; node x & wait',
    "trap 'kill $pid' INT TERM\nnode x &\npid=$!\nwait $pid",
    'trap "exit 0" SIGTERM; while true; do sleep 1; done',
    'trap stop 15; a & wait',
    'stop() { kill $a; }; trap stop TERM; a & wait',
  ])
    assert.equal(causeOf(script), null, script);
});

test('the stop signal does not reach an app that a shell waits for', () => {
  const causes: Readonly<Record<string, readonly string[]>> = {
    command: [
      'node x',
      'node exec x',
      'exec 2>&1; node x',
      'exec > out; node x',
      'a && exec b; c',
      'if a; then exec b; fi; c',
      'echo exec x; node y',
      'node "; exec x"',
      '# exec x\nnode y',
      '(exec a)',
      'exec sh -c "a; b"',
      'trap x EXIT; node x',
      "trap '' TERM; node x",
    ],
    loop: ['while true; do ./serve; done', 'for i in 1 2; do serve; done'],
    pipeline: ['node x | tee log', 'exec node x | tee log'],
    background: ['a & b', 'nginx & tail -f log', 'a & wait', 'exec a &'],
    trap: ['trap "kill 1" TERM; node x', "trap 'cleanup' TERM EXIT\nnode x\n"],
  };
  for (const [cause, scripts] of Object.entries(causes))
    for (const script of scripts) assert.equal(causeOf(script), cause, script);
});

test('a script that only waits is idle', () => {
  for (const [script, isIdle] of [
    ['sleep infinity', true],
    ['while true; do date; sleep 5; done', true],
    ['tail -f /dev/null', true],
    ['service nginx start; tail -f log', false],
    ['sleep 5; node x', false],
  ] as const) {
    const fate = fateOfSignals(script, ['dash']);
    assert.equal(fate.kind === 'lost' && fate.isIdle, isIdle, script);
  }
});

test('which shell sh is follows from the image where its name shows it', () => {
  for (const [image, ...shells] of [
    ['node:22-alpine', 'busybox'],
    ['registry.example:5000/alpine/app:1', 'busybox'],
    ['busybox', 'busybox'],
    ['python:3.12-slim', 'dash'],
    ['ubuntu:24.04@sha256:0', 'dash'],
    ['registry.access.redhat.com/ubi9/nodejs-22', 'bash'],
    ['alpine.example.com/app', 'dash', 'busybox', 'bash'],
    ['example/app:1', 'dash', 'busybox', 'bash'],
  ] as const)
    assert.deepEqual(shellsNamed('sh', image), shells, image);
  assert.deepEqual(shellsNamed('bash', 'node:22-alpine'), ['bash']);
});
