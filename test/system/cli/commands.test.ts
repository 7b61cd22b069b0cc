import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { usageOf } from '../../../scripts/reference/commands.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { grammarOf } from '../../../src/cli/completion/read-grammar.ts';
import { finishWords } from '../../rig/finished.ts';

describe('the name of a command is a command as the first word only', () => {
  test('after -- or an option, env is the program and not the command', async () => {
    const before = ['--health-port=0', '--log-level=silent'];
    for (const words of [
      ['--health-port=0', '--', 'env', '-i', 'X=1', 'env'],
      [...before, 'env', '-i', 'X=1', 'env'],
    ]) {
      const run = await finishWords(words);
      assert.deepEqual([run.code, run.stdout], [0, 'X=1\n']);
    }
  });

  test('a program whose name is like that of a command is run as a program', async () => {
    for (const program of ['envx', 'Env', 'constructor', '__proto__']) {
      assert.equal((await finishWords([program], { env: { PATH: '/nowhere', K8S_RUN_HEALTH_PORT: '0' } })).code, 127);
    }
  });
});

for (const [name, { summary }] of Object.entries(COMMANDS)) {
  describe(`k8s-run ${name}`, () => {
    test(`${name} is listed by k8s-run --help and has a help of its own`, async () => {
      const { stdout } = await finishWords(['--help']);
      assert.match(stdout, new RegExp(`^  ${name} .*${summary.slice(0, 20)}`, 'm'));
      for (const flag of ['--help', '-h']) {
        const run = await finishWords([name, flag]);
        assert.deepEqual([run.code, run.stderr], [0, '']);
        assert.match(run.stdout, new RegExp(`^Usage: k8s-run ${name} `));
      }
    });

    test(`the help of ${name} has the command line of the reference, and lines of 100 columns at most`, async () => {
      const lines = (await finishWords([name, '--help'])).stdout.split('\n');
      const command = (await grammarOf(COMMANDS)).commands.find((each) => each.name === name);
      assert.ok(command !== undefined);
      assert.equal(lines[0], `Usage: k8s-run ${name} ${usageOf(command)}`);
      assert.deepEqual(
        lines.filter((line) => line.length > 100),
        [],
      );
      for (const flag of ['-h, --help', '-V, --version'])
        assert.ok(
          lines.some((line) => line.startsWith(`  ${flag} `)),
          flag,
        );
    });

    test(`${name} names an unknown option and exits with 64`, async () => {
      const run = await finishWords([name, '--no-such-option']);
      assert.deepEqual([run.code, run.stdout], [64, '']);
      assert.match(
        run.stderr,
        new RegExp(`^k8s-run ${name}: unknown option '--no-such-option'\nk8s-run ${name} --help`),
      );
    });
  });
}
