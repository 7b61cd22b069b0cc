import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { start } from '../../rig/supervised.ts';
import { makeTree } from '../../rig/tree.ts';

describe('a signal that would end the app', () => {
  test('of --on-change waits until the app catches it', async () => {
    using tree = makeTree({ config: 'one' });
    const file = join(tree.root, 'config');
    await using run = await startPuppet([`--watch=${file}`, '--on-change=HUP', '--ready=none']);
    await run.line('ready');
    writeFileSync(file, 'two');
    await run.line('changed');
    // What it is told by the socket it does after the signal would have ended it.
    await run.puppet.tell({ do: 'describe' });
    await run.puppet.tell({ do: 'catch', signals: ['SIGHUP'] });
    await run.puppet.received('SIGHUP');
    assert.deepEqual(run.puppet.signals(), ['SIGHUP']);
    writeFileSync(file, 'three');
    await until('the next one, at once', () => run.puppet.signals().length === 2, run.stderr);
  });

  test('of --on-change is said when the app exits with a failure soon after it', async () => {
    using tree = makeTree({ config: 'one' });
    const file = join(tree.root, 'config');
    await using run = await startPuppet([`--watch=${file}`, '--on-change=HUP', '--ready=none']);
    await run.puppet.tell({ do: 'exitOn', signal: 'SIGHUP', code: 3 });
    await run.line('ready');
    writeFileSync(file, 'two');
    assert.equal((await run.ended()).code, 3);
    const exited = await run.line('exited');
    assert.deepEqual([exited.level, exited['passedOn'], exited['passedOnFor']], ['warn', 'SIGHUP', '--on-change']);
    assert.match(exited.msg, /exited with 3 after SIGHUP, which it was sent because of --on-change$/);
  });

  test('that means the end is sent in any case', async () => {
    using tree = makeTree({ config: 'one' });
    const file = join(tree.root, 'config');
    await using run = start([`--watch=${file}`, '--on-change=TERM', '--ready=none'], ['sleep', '1000']);
    await run.line('ready');
    writeFileSync(file, 'two');
    assert.equal((await run.ended()).code, 143);
    assert.equal((await run.line('exited'))['sender'], 'k8s-run');
  });

  test('and came before the start waits until the app catches it', async () => {
    using tree = makeTree({});
    const go = join(tree.root, 'go');
    const program = 'setTimeout(() => process.on("SIGHUP", () => { console.log("reloaded"); process.exit(5); }), 300)';
    const app = [process.execPath, '-e', `${program}; setInterval(() => 0, 1e6)`];
    const hook = `--pre-start=sh -c 'echo waits; until [ -e ${go} ]; do sleep 0.02; done'`;
    await using run = start([hook, '--ready=none'], app);
    await run.line('hook', (line) => line['output'] === 'waits');
    run.kill('SIGHUP');
    await run.line('signal', (line) => line['outcome'] === 'held');
    writeFileSync(go, '');
    assert.equal((await run.ended()).code, 5, run.stderr());
    assert.match(run.stdout(), /reloaded/);
    const outcomes = run
      .lines()
      .filter(({ event }) => event === 'signal')
      .map((line) => line['outcome']);
    assert.deepEqual(outcomes, ['held', 'passed on']);
  });

  test('of --drain-signal does not end an app that does not catch it', async () => {
    const options = ['--drain-signal=USR1', '--shutdown-delay=300ms', '--ready=process', '--drain-connections=off'];
    await using run = start(options, ['sleep', '1000']);
    await run.line('ready');
    run.kill('SIGTERM');
    assert.equal((await run.ended()).code, 143, run.stderr());
    assert.ok(run.events().includes('stopping'));
  });
});
