import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readArguments } from '../../../src/config/argv.ts';
import { OPTIONS, type Option } from '../../../src/config/options/table.ts';

/** Flags as `key=text`, the command, and the mistakes. */
function read(...words: readonly string[]): { flags: string[]; command: readonly string[]; mistakes: string[] } {
  const line = readArguments(words);
  assert.ok(line.kind === 'supervise');
  return {
    flags: line.flags.map(({ key, text }) => `${key}=${text}`),
    command: line.command,
    mistakes: line.mistakes.map(({ text }) => text),
  };
}

test('options end at the first word that is not one, where the command begins', () => {
  assert.deepEqual(read('node', '-v'), { flags: [], command: ['node', '-v'], mistakes: [] });
  const { flags, command } = read('--grace', '1s', 'sh', '-c', 'x', '--grace', '2s', '--', '--help');
  assert.deepEqual(flags, ['grace=1s']);
  assert.deepEqual(command, ['sh', '-c', 'x', '--grace', '2s', '--', '--help']);
});

test('every word after -- belongs to the command', () => {
  assert.deepEqual(read('--grace=1s', '--', '--help', '-x').command, ['--help', '-x']);
  assert.deepEqual(read('--', '--').command, ['--']);
  assert.deepEqual(read('-').command, ['-']);
});

test('a value comes after = or as the next word, and may be empty or look like an option', () => {
  assert.deepEqual(read('--grace=1s', 'app').flags, ['grace=1s']);
  assert.deepEqual(read('--grace', '1s', 'app').flags, ['grace=1s']);
  assert.deepEqual(read('--ready=http://:80/?a=b', 'app').flags, ['ready=http://:80/?a=b']);
  assert.deepEqual(read('--grace=', 'app').flags, ['grace=']);
  assert.deepEqual(read('--grace', '-1', 'app').flags, ['grace=-1']);
  assert.deepEqual(read('--ready=a\nb', 'app').flags, ['ready=a\nb']);
});

test('--interactive takes no value, and --no-interactive is its opposite', () => {
  assert.deepEqual(read('--interactive', 'bash'), { flags: ['interactive=true'], command: ['bash'], mistakes: [] });
  assert.deepEqual(read('--no-interactive', 'bash').flags, ['interactive=false']);
  assert.deepEqual(read('--interactive=false', 'bash').flags, ['interactive=false']);
  assert.match(read('--no-interactive=true', 'bash').mistakes.join(), /--no-interactive takes no value/);
  assert.match(read('--no-grace', 'app').mistakes.join(), /unknown option --no-grace/);
});

test('--help and --version override other options, but not after the command', () => {
  assert.equal(readArguments(['--grace', '1s', '--help', '--nope']).kind, 'help');
  assert.equal(readArguments(['--nope', '-h']).kind, 'help');
  assert.equal(readArguments(['--version']).kind, 'version');
  assert.equal(readArguments(['-V']).kind, 'version');
  assert.equal(readArguments(['app', '--help']).kind, 'supervise');
  assert.equal(readArguments(['--', '--version']).kind, 'supervise');
});

test('a subcommand is one only as the first word, and the rest belongs to it', () => {
  const commands = new Set(['env']);
  const kindOf = (...words: readonly string[]): string => readArguments(words, commands).kind;
  assert.deepEqual(readArguments(['env', '--json', '--'], commands), {
    kind: 'command',
    name: 'env',
    words: ['--json', '--'],
  });
  assert.equal(kindOf('env', '--help'), 'command');
  assert.equal(kindOf('--help', 'env'), 'help');
  for (const words of [['--', 'env'], ['--grace', '1s', 'env'], ['node', 'env'], ['/usr/bin/env'], ['Env'], []]) {
    assert.equal(kindOf(...words), 'supervise');
  }
});

test('an unknown option is a usage mistake, with a guess', () => {
  assert.deepEqual(read('--grcae=1s', '--', 'app').mistakes, ['unknown option --grcae; did you mean --grace?']);
  assert.deepEqual(read('-x', 'app').mistakes, ['unknown option -x; k8s-run --help lists all options']);
  // The message does not contain the value, which may be secret.
  assert.doesNotMatch(read('--token=secret', '--', 'app').mistakes.join(), /secret/);
});

test('after an unknown option further mistakes are found up to --', () => {
  const { flags, mistakes, command } = read('--nope', 'value', '--grace', '1s', '--also-nope', '--', 'app');
  assert.deepEqual(mistakes.length, 2);
  assert.deepEqual([flags, command], [['grace=1s'], ['app']]);
});

test('a missing command and a missing value are mistakes', () => {
  assert.match(read().mistakes.join(), /no command to run; write k8s-run \[options\] -- command/);
  assert.match(read('--grace', '1s').mistakes.join(), /no command/);
  assert.match(read('--').mistakes.join(), /no command/);
  assert.match(read('--grace', '--', 'app').mistakes.join(), /--grace needs a value: --grace <duration>/);
  assert.match(read('--grace').mistakes.join(), /--grace needs a value/);
});

test('any command after -- is read unchanged, after any options', () => {
  const flag = fc.constantFrom(...Object.values(OPTIONS).filter((option: Option<unknown>) => option.takes !== null));
  fc.assert(
    fc.property(fc.array(fc.tuple(flag, fc.string())), fc.array(fc.string(), { minLength: 1 }), (given, command) => {
      const words = given.map(([{ flag: name }, text]) => `--${name}=${text}`);
      const line = read(...words, '--', ...command);
      assert.deepEqual(line.command, command);
      assert.deepEqual(
        line.flags.map((each) => each.slice(each.indexOf('=') + 1)),
        given.map(([, text]) => text),
      );
      assert.deepEqual(line.mistakes, []);
    }),
  );
});
