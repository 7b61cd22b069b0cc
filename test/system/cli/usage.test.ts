import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { COMMAND_NAMES } from '../../../src/cli/commands.ts';
import { finishWords, lastLine } from '../../rig/finished.ts';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));

async function answerTo(words: readonly string[]): Promise<object & { code: number | null; stdout: string }> {
  const { code, stdout, stderr } = await finishWords(words);
  return { code, stdout, stderr } as { code: number | null; stdout: string };
}

describe('help and version', () => {
  test('a bare k8s-run prints the help to stderr and exits with 64', async () => {
    const run = await finishWords([]);
    assert.deepEqual([run.code, run.stdout], [64, '']);
    assert.match(run.stderr, /^Usage: k8s-run \[options\]/m);
  });

  for (const flag of ['--help', '-h']) {
    test(`k8s-run ${flag} prints the help to stdout and exits with 0`, async () => {
      const run = await finishWords([flag]);
      assert.deepEqual([run.code, run.stderr], [0, '']);
      assert.match(run.stdout, /^Usage: k8s-run \[options\]/m);
      assert.match(run.stdout, /--shutdown-delay <duration>/);
      assert.equal(run.stdout, (await finishWords([])).stderr);
    });
  }

  for (const command of COMMAND_NAMES) {
    test(`k8s-run ${command} has --help and --version, which exit with 0`, async () => {
      for (const flag of ['--version', '-V'])
        assert.deepEqual(await answerTo([command, flag]), { code: 0, stdout: `${version}\n`, stderr: '' });
      const { code, stdout } = await answerTo([command, '--help']);
      assert.deepEqual([code, stdout.startsWith(`Usage: k8s-run ${command}`)], [0, true]);
    });
  }

  for (const flag of ['--version', '-V']) {
    test(`k8s-run ${flag} prints the version to stdout and exits with 0`, async () => {
      const run = await finishWords([flag]);
      assert.deepEqual([run.code, run.stdout, run.stderr], [0, `${version}\n`, '']);
    });
  }

  test('--help and --version win over mistakes of the command line and of the environment', async () => {
    const env = { ...process.env, K8S_RUN_GRACE: 'soon' };
    assert.equal((await finishWords(['--grace', 'soon', '--help'], { env })).code, 0);
    assert.equal((await finishWords(['--no-such-option', '--version'], { env })).code, 0);
  });

  test('a reader that closes the pipe of --help causes no error, but a full disk does', async () => {
    const prefix = ['sh', '-c', '"$@" | true; "$@" > /dev/full; echo $?', 'sh'];
    const run = await finishWords(['--help'], { prefix });
    assert.deepEqual([run.stdout, run.stderr], ['74\n', 'k8s-run: cannot write to stdout: ENOSPC\n']);
  });
});

describe('the end of the options of k8s-run', () => {
  const health = '--health-port=0';

  test('options end at the first word that is not an option', async () => {
    const run = await finishWords([health, 'node', '--version']);
    assert.deepEqual([run.code, run.stdout], [0, `${process.version}\n`]);
    assert.equal((await finishWords([health, 'echo', '--help', '--', '-h'])).stdout, '--help -- -h\n');
  });

  test('options end after --', async () => {
    assert.equal((await finishWords([health, '--', 'node', '-v'])).stdout, `${process.version}\n`);
    assert.equal((await finishWords([health, '--', 'echo', '--', '--grace', 'x'])).stdout, '-- --grace x\n');
  });

  test('the value of an option may follow = or be the next word, and may begin with a dash', async () => {
    const { stdout, code } = await finishWords([health, '--grace', '3s', '--shutdown-delay=1s', 'echo', 'done']);
    assert.deepEqual([code, stdout], [0, 'done\n']);
    const dash = await finishWords([health, '--grace', '-5', 'echo', 'done']);
    assert.equal(dash.code, 78);
    assert.match(dash.stderr, /--grace \\"-5\\"/);
  });

  test('a word after -- is a program even if it looks like an option', async () => {
    const run = await finishWords([health, '--', '--grace']);
    assert.equal(run.code, 127);
    assert.match(lastLine(run).msg, /cannot start --grace/);
  });
});
