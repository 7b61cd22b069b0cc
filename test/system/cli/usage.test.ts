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
  test('a bare k8s-run prints the help on stderr and exits 64', async () => {
    const run = await finishWords([]);
    assert.deepEqual([run.code, run.stdout], [64, '']);
    assert.match(run.stderr, /^Usage: k8s-run \[options\]/m);
  });

  for (const flag of ['--help', '-h']) {
    test(`${flag} prints it on stdout and exits 0`, async () => {
      const run = await finishWords([flag]);
      assert.deepEqual([run.code, run.stderr], [0, '']);
      assert.match(run.stdout, /^Usage: k8s-run \[options\]/m);
      assert.match(run.stdout, /--shutdown-delay <duration>/);
      assert.equal(run.stdout, (await finishWords([])).stderr);
    });
  }

  for (const command of COMMAND_NAMES) {
    test(`so does k8s-run ${command}`, async () => {
      for (const flag of ['--version', '-V'])
        assert.deepEqual(await answerTo([command, flag]), { code: 0, stdout: `${version}\n`, stderr: '' });
      const { code, stdout } = await answerTo([command, '--help']);
      assert.deepEqual([code, stdout.startsWith(`Usage: k8s-run ${command}`)], [0, true]);
    });
  }

  for (const flag of ['--version', '-V']) {
    test(`${flag} prints the version on stdout and exits 0`, async () => {
      const run = await finishWords([flag]);
      assert.deepEqual([run.code, run.stdout, run.stderr], [0, `${version}\n`, '']);
    });
  }

  test('they win over mistakes on the same command line, and over the environment', async () => {
    const env = { ...process.env, K8S_RUN_GRACE: 'soon' };
    assert.equal((await finishWords(['--grace', 'soon', '--help'], { env })).code, 0);
    assert.equal((await finishWords(['--no-such-option', '--version'], { env })).code, 0);
  });

  test('a reader of the help that left is no error', async () => {
    const prefix = ['sh', '-c', '"$@" | true; "$@" > /dev/full; echo $?', 'sh'];
    const run = await finishWords(['--help'], { prefix });
    assert.deepEqual([run.stdout, run.stderr], ['0\n', '']);
  });
});

describe('where the options stop', () => {
  const health = '--health-port=0';

  test('at the first word that is none: what follows is the app’s', async () => {
    const run = await finishWords([health, 'node', '--version']);
    assert.deepEqual([run.code, run.stdout], [0, `${process.version}\n`]);
    assert.equal((await finishWords([health, 'echo', '--help', '--', '-h'])).stdout, '--help -- -h\n');
  });

  test('after --', async () => {
    assert.equal((await finishWords([health, '--', 'node', '-v'])).stdout, `${process.version}\n`);
    assert.equal((await finishWords([health, '--', 'echo', '--', '--grace', 'x'])).stdout, '-- --grace x\n');
  });

  test('a value may be written after = or as the next word, and may begin with a dash', async () => {
    const { stdout, code } = await finishWords([health, '--grace', '3s', '--shutdown-delay=1s', 'echo', 'done']);
    assert.deepEqual([code, stdout], [0, 'done\n']);
    const dash = await finishWords([health, '--grace', '-5', 'echo', 'done']);
    assert.equal(dash.code, 78);
    assert.match(dash.stderr, /--grace \\"-5\\"/);
  });

  test('after -- a name that looks like an option is looked for as a program', async () => {
    const run = await finishWords([health, '--', '--grace']);
    assert.equal(run.code, 127);
    assert.match(lastLine(run).msg, /cannot start --grace/);
  });
});
