import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { needs } from '../../rig/needs.ts';
import { PTY } from '../../rig/pty.ts';
import { type SupervisedPuppet, startPuppet } from '../../rig/puppet.ts';
import { BIN, type Line, linesOf, type Start } from '../../rig/supervised.ts';
import { openTerminal } from '../../rig/terminal.ts';

const QUICK = ['--ready', 'none', '--shutdown-delay', '100ms'];
const ON_A_PTY: Start = { prefix: PTY, stdio: ['pipe', 'pipe', 'pipe'] };
const STATIONS = { 'in a session of its own': '--interactive=false', 'with --interactive': '--interactive' } as const;

function hangUp(run: SupervisedPuppet): void {
  run.child.stdin?.write('\n');
}

function outcomes(lines: readonly Line[]): readonly unknown[] {
  return lines.filter(({ event }) => event === 'signal').map(({ outcome }) => outcome);
}

describe('the terminal is lost', { skip: needs('python3') }, () => {
  for (const [name, option] of Object.entries(STATIONS)) {
    test(`${name}: a lost terminal starts the shutdown, and its HUP and CONT are not passed on`, async () => {
      await using run = await startPuppet([...QUICK, option], ON_A_PTY);
      await run.puppet.tell({ do: 'catch', signals: ['SIGHUP'] });
      await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 7 });
      await run.line('ready');
      hangUp(run);
      assert.equal((await run.ended()).code, 7);
      assert.deepEqual(run.puppet.signals(), []);
      assert.equal((await run.line('terminating'))['because'], 'the loss of the terminal');
      assert.equal((await run.line('exited'))['cause'], 'stopped');
      const heard = outcomes(run.lines());
      assert.ok(heard.length > 0 && heard.every((outcome) => outcome === 'terminal lost'), run.stderr());
    });

    test(`${name}: HUP and CONT are passed on while the terminal is there`, async () => {
      await using run = await startPuppet([...QUICK, option], ON_A_PTY);
      await run.puppet.tell({ do: 'catch', signals: ['SIGHUP', 'SIGCONT'] });
      const { ppid } = await run.puppet.tell<{ ppid: number }>({ do: 'describe' });
      process.kill(ppid, 'SIGHUP');
      await run.puppet.received('SIGHUP');
      process.kill(ppid, 'SIGCONT');
      await run.puppet.received('SIGCONT');
      await run.line('signal', ({ signal }) => signal === 'SIGCONT');
      assert.deepEqual(outcomes(run.lines()), ['passed on', 'passed on']);
      assert.ok(!run.events().includes('stopping'));
    });
  }

  test('under nohup k8s-run survives the loss of the terminal, and passes a later HUP on', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'k8s-run-'));
    try {
      await using run = await startPuppet(QUICK, { ...ON_A_PTY, prefix: [...PTY, 'nohup'], cwd });
      await run.puppet.tell({ do: 'catch', signals: ['SIGHUP', 'SIGCONT'] });
      await run.line('ready');
      const { ppid } = await run.puppet.tell<{ ppid: number }>({ do: 'describe' });
      hangUp(run);
      await run.line('signal', ({ outcome }) => outcome === 'terminal lost');
      assert.deepEqual(run.puppet.signals(), []);
      await until('a HUP is an order again', () => {
        process.kill(ppid, 'SIGHUP');
        return run.puppet.signals().includes('SIGHUP');
      });
      assert.ok(!run.events().includes('terminating') && !run.events().includes('stopping'), run.stderr());
      await run.puppet.tell({ do: 'exit', code: 4 });
      assert.equal((await run.ended()).code, 4);
    } finally {
      await rm(cwd, { recursive: true, force: true });
    }
  });

  test('with --stop-on none the HUP of a lost terminal is passed on', async () => {
    await using run = await startPuppet(['--ready', 'none', '--stop-on', 'none'], ON_A_PTY);
    await run.puppet.tell({ do: 'exitOn', signal: 'SIGHUP', code: 5 });
    hangUp(run);
    assert.equal((await run.ended()).code, 5);
  });

  // What tells what it hears to a file, for the terminal is gone by then; on TERM it leaves.
  const app = (file: string): string =>
    `trap 'echo HUP >> "${file}"' HUP; trap 'echo TERM >> "${file}"; exit 7' TERM; echo up; while :; do sleep 0.05; done`;

  for (const [how, command, heard] of [
    ['the pane of a foreground job is killed', '"$@"', 'TERM\n'],
    ['the pane of a job of bash is killed', 'exec bash --norc --noprofile -ic \'"$@" & wait\' bash "$@"', 'TERM\n'],
  ] as const) {
    test(`when ${how} the app gets the stop signal and no other`, { skip: needs('tmux', 'bash') }, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'k8s-run-'));
      try {
        const [file, log] = [join(folder, 'heard'), join(folder, 'log')];
        const words = [process.execPath, BIN, '--health-port', '0', ...QUICK, '--', 'sh', '-c', app(file)];
        const logged = ['sh', '-c', 'exec "$@" 2>"$0"', log, ...words];
        await using terminal = await openTerminal(['sh', '-c', command, 'sh', ...logged]);
        await terminal.shows('up');
        const lines = (): readonly Line[] => linesOf(readFileSync(log, 'utf8'));
        await until('it is ready', () => lines().some(({ event }) => event === 'ready'));
        await terminal.hangUp();
        await until(
          'the end',
          () => lines().some(({ event }) => event === 'exited'),
          () => JSON.stringify(lines()),
        );
        assert.equal(readFileSync(file, 'utf8'), heard);
        assert.deepEqual([...new Set(outcomes(lines()))], ['terminal lost']);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  }
});
