import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shellCommandOf } from '../../../src/check/shell-script.ts';

test('the script of a shell is its first operand after -c, with options in any spelling', () => {
  const cases: readonly (readonly [words: readonly string[], shell: string, index: number | null])[] = [
    [['sh', '-c', 'S'], 'sh', 2],
    [['/bin/sh', '-c', '--', 'S'], 'sh', 3],
    [['sh', '-c', '-x', 'S', 'name', 'arg'], 'sh', 3],
    [['sh', '-c', '-'], 'sh', null],
    [['sh', '-ce', 'S'], 'sh', 2],
    [['sh', '-x', '-c', '+e', '-u', '--', 'S'], 'sh', 6],
    [['bash', '-ceu', 'S'], 'bash', 2],
    [['bash', '-o', 'pipefail', '-c', 'S'], 'bash', 4],
    [['bash', '-euo', 'pipefail', '-c', 'S'], 'bash', 4],
    [['bash', '-c', '-o', 'pipefail', 'S'], 'bash', 4],
    [['bash', '-ceo', 'pipefail', 'S'], 'bash', 3],
    [['bash', '--norc', '--rcfile', '/x', '-c', 'S'], 'bash', 5],
    [['bash', '-O', 'extglob', '-c', 'S'], 'bash', 4],
    [['dash', '-c', 'S'], 'dash', 2],
    [['ash', '-c', 'S'], 'busybox', 2],
    [['busybox', 'sh', '-c', 'S'], 'busybox', 3],
    [['/bin/busybox', 'ash', '-ec', 'S'], 'busybox', 3],
    [['zsh', '-c', 'S'], 'zsh', 2],
    [['env', 'bash', '-c', 'S'], 'bash', 3],
    [['/usr/bin/env', '-i', '-u', 'X', 'A=1', 'sh', '-c', 'S'], 'sh', 7],
    [['/usr/bin/env', '-S', 'bash -e -c', 'S'], 'bash', 3],
    [['/usr/bin/env', '-S', 'A=1 bash -c "S"'], 'bash', null],
    [['env', '-Sbash -c S'], 'bash', null],
    [['nohup', 'sh', '-c', 'S'], 'sh', 3],
    [['nice', '-n', '5', 'sh', '-c', 'S'], 'sh', 5],
    [['su-exec', 'app', 'sh', '-c', 'S'], 'sh', 4],
    [['/sbin/tini', '--', 'sh', '-c', 'S'], 'sh', 4],
    [['tini', '-g', '-p', 'TERM', 'sh', '-c', 'S'], 'sh', 6],
    [['dumb-init', '-r', '15:2', 'sh', '-c', 'S'], 'sh', 5],
  ];
  for (const [words, shell, index] of cases) {
    const found = shellCommandOf(words);
    if (words.at(-1) === '-') assert.equal(found, null);
    else assert.deepEqual([found?.shell, found?.index, found?.script], [shell, index, 'S'], words.join(' '));
  }
});

test('a command line without -c, or with -c behind the options, has no script', () => {
  for (const line of [
    'sh',
    'sh -c',
    'sh -- -c S',
    'sh start.sh -c S',
    'sh - -c S',
    'node -c S',
    'busybox httpd -c S',
    'env',
    'env node',
  ])
    assert.equal(shellCommandOf(line.split(' ')), null, line);
});

test('init programs in front of a shell are told apart by whom they signal', () => {
  for (const [line, init, signalsAll] of [
    ['sh -c S', null, false],
    ['tini -- sh -c S', 'tini', false],
    ['tini -g -- sh -c S', 'tini', true],
    ['tini -vvg sh -c S', 'tini', true],
    ['dumb-init sh -c S', 'dumb-init', true],
    ['dumb-init --single-child sh -c S', 'dumb-init', false],
    ['dumb-init -c sh -c S', 'dumb-init', false],
  ] as const) {
    const found = shellCommandOf(line.split(' '));
    assert.deepEqual([found?.init, found?.signalsAll], [init, signalsAll], line);
  }
});

test('-l and -i read files before the script', () => {
  for (const [line, readsProfile] of [
    ['bash -lc S', true],
    ['bash -l -c S', true],
    ['bash --login -c S', true],
    ['bash -ic S', true],
    ['bash -c S -l', false],
    ['bash -ec S', false],
    ['bash +l -c S', false],
  ] as const)
    assert.equal(shellCommandOf(line.split(' '))?.readsProfile, readsProfile, line);
});
