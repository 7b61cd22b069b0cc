import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { finish } from '../../rig/finished.ts';
import { firstIn, NAMESPACE, noNamespace, visit } from '../../rig/namespace.ts';
import { needs } from '../../rig/needs.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { BIN, isRunning, killGroup, start } from '../../rig/supervised.ts';
import { openTerminal } from '../../rig/terminal.ts';

describe('as process 1', { skip: noNamespace }, () => {
  test('as process 1 k8s-run exits with the app’s code, with 128 + n after a signal, and with 127 for a missing program', async () => {
    const pids = await finish([], ['sh', '-c', 'echo $PPID; exit 3'], { prefix: NAMESPACE });
    assert.deepEqual([pids.code, pids.stdout], [3, '1\n']);
    assert.equal((await finish([], ['sh', '-c', 'kill -TERM $$'], { prefix: NAMESPACE })).code, 143);
    assert.equal((await finish([], ['no-such-program'], { prefix: NAMESPACE })).code, 127);
  });

  test('as process 1 TERM leads to the delay, the signal and the exit with the app’s code, and no process is left', async () => {
    await using run = await startPuppet(['--shutdown-delay', '100ms'], { prefix: NAMESPACE });
    await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 7 });
    await run.puppet.tell({ do: 'listen', port: 0 });
    await run.line('ready');
    assert.equal((await run.get('/readyz')).status, 200);
    const first = await firstIn(run.pid);
    process.kill(first, 'SIGTERM');
    assert.equal((await run.ended()).code, 7);
    const shutdown = run.events().filter((event) => event !== 'draining');
    // On a busy machine the probe's own last connection may be open still.
    assert.deepEqual(shutdown.slice(-4), ['signal', 'terminating', 'stopping', 'exited']);
    assert.equal(await isRunning(first), false);
  });

  test('as process 1 a real-time signal is dropped, from inside the container and from outside', async () => {
    await using run = await startPuppet(['--ready', 'process'], { prefix: NAMESPACE });
    await run.puppet.tell({ do: 'catch', signals: ['SIGHUP'] });
    await run.line('ready');
    const first = await firstIn(run.pid);
    for (const signal of [34, 35, 64]) {
      process.kill(first, signal);
      await using inside = visit(first, ['kill', `-${signal}`, '1']);
      assert.equal((await inside.ended).code, 0);
    }
    // The signals after them arrive, so they were handled.
    process.kill(first, 'SIGHUP');
    await run.puppet.received('SIGHUP');
    assert.equal((await run.get('/livez')).status, 200);
    await run.puppet.tell({ do: 'exit', code: 7 });
    assert.equal((await run.ended()).code, 7);
  });

  test('as process 1 orphans in sessions of their own are leftovers: they are named and ended, and the code stays the app’s', async () => {
    const named = 'until [ "$(cat /proc/$!/comm)" = sleep ]; do :; done';
    const app = ['sh', '-c', `setsid sleep 1000 & ${named}; exit 3`];
    const run = await finish([], app, { prefix: NAMESPACE });
    assert.equal(run.code, 3);
    const leftovers = run.lines.find(({ event }) => event === 'leftovers')?.['leftovers'];
    assert.deepEqual(
      (leftovers as readonly { program: string }[]).map(({ program }) => program),
      ['sleep'],
    );
    assert.ok(!run.events.includes('killing'));
  });

  test('a process that entered the namespace from outside is no leftover', async () => {
    await using run = start(['--shutdown-delay', '0'], ['sleep', '1000'], { prefix: NAMESPACE });
    await run.line('spawned');
    const first = await firstIn(run.pid);
    // As `kubectl exec` does: its parent is not in the namespace.
    const words = ['--target', String(first), '--pid', '--mount', 'sleep', '1000'];
    const visitor = spawn('nsenter', words, { stdio: 'ignore', detached: true });
    const { pid } = visitor;
    assert.ok(pid !== undefined);
    try {
      const inside = await firstIn(pid);
      await until('the visitor sleeps', () => readFileSync(`/proc/${inside}/comm`, 'utf8') === 'sleep\n');
      process.kill(first, 'SIGTERM');
      assert.equal((await run.ended()).code, 143);
      assert.ok(!run.events().includes('leftovers'), run.stderr());
    } finally {
      killGroup(pid);
    }
  });

  test('a TERM that a process in the container sends to process 1 starts the shutdown', async () => {
    const app = ['sh', '-c', 'trap "exit 5" TERM; kill -TERM 1; while :; do sleep 0.05; done'];
    const run = await finish([], app, { prefix: NAMESPACE });
    assert.equal(run.code, 5);
    assert.ok(run.events.includes('stopping'));
  });

  test('process 1 with a terminal is interactive by default: bash has job control', {
    skip: needs('tmux', 'bash'),
  }, async () => {
    const bash = ['bash', '--norc', '--noprofile', '-i'];
    const command = [...NAMESPACE, process.execPath, BIN, '--health-port', 'off', '--', ...bash];
    await using terminal = await openTerminal(command, { PS1: 'prompt> ', HISTFILE: '' });
    await terminal.shows(/^prompt> /m);
    // From here on the log is silent, and does not come between what is typed.
    await terminal.shows('spawned');
    await terminal.type("sh -c 'echo waits; exec sleep 2000'");
    await terminal.shows(/^waits$/m);
    await terminal.press('C-c');
    await terminal.shows(/\^C\s+prompt> /);
    await terminal.type('exit 7');
    assert.equal(await terminal.ended(), 7);
    assert.doesNotMatch(await terminal.screen(), /no job control|terminating|draining|stopping/);
  });

  test('process 1 with a terminal and --interactive=false gives the app a session of its own', {
    skip: needs('tmux'),
  }, async () => {
    const told = 'read -r line < /proc/self/stat; set -- $line; test $1 = $6 && echo leads its session';
    const command = [...NAMESPACE, process.execPath, BIN, '--health-port', 'off', '--interactive=false', '--'];
    await using terminal = await openTerminal([...command, 'sh', '-c', told]);
    await terminal.shows('leads its session');
    assert.equal(await terminal.ended(), 0);
  });
});
