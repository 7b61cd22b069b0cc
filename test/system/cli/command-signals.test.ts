import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { descendantsOf, listProcesses } from '../../../src/linux/procfs.ts';
import { soon, until } from '../../rig/deadline.ts';
import { needs } from '../../rig/needs.ts';
import { BIN, type Supervised, startWords } from '../../rig/supervised.ts';
import { openTerminal } from '../../rig/terminal.ts';

/** More than a pipe holds: who has taken it reads, and waits for the rest. */
const BEGINNING = '# a comment\n'.repeat(100_000);
const SIGINT = 2;

/** A command that has read what there is, and waits for more. */
async function waiting(words: readonly string[]): Promise<Supervised> {
  const run = startWords(words, { stdio: ['pipe', 'pipe', 'pipe'] });
  const { stdin } = run.child;
  assert.ok(stdin !== null);
  stdin.on('error', () => {});
  if (!stdin.write(BEGINNING)) await soon('a reader', once(stdin, 'drain'), run.stderr);
  return run;
}

describe('a command that waits for stdin', { concurrency: 2 }, () => {
  for (const words of [
    ['check', '-'],
    ['inject', '--image=k8s-run:1', '-'],
    ['manifest', '--kustomize=-', '--', 'web'],
  ]) {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      test(`k8s-run ${words[0]} is ended by ${signal}`, async () => {
        await using run = await waiting(words);
        run.kill(signal);
        assert.deepEqual(await run.ended(), { code: null, signal });
        assert.equal(`${run.stdout()}${run.stderr()}`, '');
      });
    }
  }

  test('without a terminal, as under nohup, HUP has no effect, and signals that ask for nothing have none', async () => {
    await using run = await waiting(['check', '-']);
    for (const signal of ['SIGHUP', 'SIGUSR2', 'SIGPROF', 'SIGXFSZ'] as const) run.kill(signal);
    run.child.stdin?.end();
    assert.deepEqual(await run.ended(), { code: 0, signal: null });
  });

  for (const [key, code] of [
    ['C-c', 130],
    ['C-\\', 131],
  ] as const) {
    test(`${key} on a terminal ends it with ${code}`, { skip: needs('tmux') }, async () => {
      const shell = 'trap "echo the shell goes on" INT QUIT; "$@"; echo "it was $?"; exec sleep 1000';
      await using terminal = await openTerminal(['sh', '-c', shell, 'sh', process.execPath, BIN, 'check', '-']);
      await until(
        'the command has its default actions',
        () => hasReleased(terminal.pid),
        () => '',
      );
      await terminal.press(key);
      await terminal.shows(`it was ${code}`);
    });
  }

  test('a terminal that is lost ends it', { skip: needs('tmux') }, async () => {
    await using terminal = await openTerminal([process.execPath, BIN, 'check', '-']);
    const pid = await until('the command has its default actions', () => hasReleased(terminal.pid));
    await terminal.hangUp();
    await until('it is gone', () => !listProcesses().some((each) => each.pid === pid));
  });
});

/** The command below this process, once it has caught signals and INT has its default action again; null: not yet. */
function hasReleased(above: number): number | null {
  for (const { pid } of descendantsOf(above, listProcesses())) {
    const caught = BigInt(`0x${/^SigCgt:\s*(\S+)/m.exec(readStatus(pid))?.[1] ?? '0'}`);
    const has = (signal: number): boolean => ((caught >> BigInt(signal - 1)) & 1n) === 1n;
    // USR2 keeps its listener.
    if (has(12) && !has(SIGINT)) return pid;
  }
  return null;
}

function readStatus(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

describe('a signal that came before the command was known', () => {
  const module = new URL('../../../src/boot/signals.ts', import.meta.url).pathname;
  for (const [where, release] of [
    ['in the main script', 'await release();'],
    ['while the event loop polls', 'readFile("/proc/self/stat", release);'],
  ] as const) {
    test(`it is not lost (${where})`, () => {
      const script = `
        import { readFile } from 'node:fs';
        import { signals } from ${JSON.stringify(module)};
        const release = () => {
          process.kill(process.pid, 'SIGUSR2');
          process.kill(process.pid, 'SIGTERM');
          return signals.release({ hangup: false });
        };
        setInterval(() => {}, 1_000);
        ${release}
      `;
      const { stderr, signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
        encoding: 'utf8',
        timeout: 60_000,
        killSignal: 'SIGKILL',
      });
      assert.deepEqual([stderr, signal], ['', 'SIGTERM']);
    });
  }
});

test('a profiler of V8, which sends itself PROF, does not end a command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'k8s-run-profile-'));
  try {
    writeFileSync(join(folder, 'pod.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n');
    const words = ['--cpu-prof', `--cpu-prof-dir=${folder}`, BIN, 'check', join(folder, 'pod.yaml')];
    const { status, signal } = spawnSync(process.execPath, words, { timeout: 60_000 });
    assert.deepEqual([status, signal], [0, null]);
    assert.ok(readdirSync(folder).some((name) => name.endsWith('.cpuprofile')));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
