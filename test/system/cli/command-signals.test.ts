import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { soon } from '../../rig/deadline.ts';
import { needs } from '../../rig/needs.ts';
import { BIN, startWords } from '../../rig/supervised.ts';
import { openTerminal } from '../../rig/terminal.ts';

/** More than a pipe holds: who has taken it reads, and waits for the rest. */
const BEGINNING = '# a comment\n'.repeat(100_000);

describe('a command that waits for stdin', { concurrency: 2 }, () => {
  for (const words of [
    ['check', '-'],
    ['inject', '--image=k8s-run:1', '-'],
    ['manifest', '--kustomize=-', '--', 'web'],
  ]) {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      test(`k8s-run ${words[0]} is ended by ${signal}`, async () => {
        await using run = startWords(words, { stdio: ['pipe', 'pipe', 'pipe'] });
        const { stdin } = run.child;
        assert.ok(stdin !== null);
        stdin.on('error', () => {});
        if (!stdin.write(BEGINNING)) await soon('a reader', once(stdin, 'drain'), run.stderr);
        run.kill(signal);
        assert.deepEqual(await run.ended(), { code: null, signal });
        assert.equal(`${run.stdout()}${run.stderr()}`, '');
      });
    }
  }

  test('Ctrl-C on a terminal ends it', { skip: needs('tmux') }, async () => {
    const shell = 'trap "echo the shell goes on" INT; "$@"; echo "it was $?"; exec sleep 1000';
    await using terminal = await openTerminal(['sh', '-c', shell, 'sh', process.execPath, BIN, 'check', '-']);
    // The terminal echoes what is typed, and hands it on by lines.
    await terminal.type('kind: Pod');
    await terminal.press('C-c');
    await terminal.shows('it was 130');
  });
});

test('a signal that came before the command was known is not lost', () => {
  const module = new URL('../../../src/boot/signals.ts', import.meta.url).pathname;
  const script = `
    import { signals } from ${JSON.stringify(module)};
    process.on('SIGTERM', () => setImmediate(() => {
      console.log('kept');
      signals.release();
    }));
    process.kill(process.pid, 'SIGTERM');
    setInterval(() => {}, 1_000);
  `;
  const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  assert.deepEqual([stdout, signal], ['kept\n', 'SIGTERM']);
});
