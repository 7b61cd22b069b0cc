import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { DEADLINE, soon, until } from '../../rig/deadline.ts';
import { noFfi } from '../../rig/ffi.ts';
import { childrenOf, firstIn, NAMESPACE, noNamespace } from '../../rig/namespace.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { killGroup, type Supervised } from '../../rig/supervised.ts';

const fileOf = (name: string): string => new URL(name, import.meta.url).pathname;
const storm = (orphans: number): readonly string[] => ['sh', fileOf('../../rig/storm.sh'), String(orphans)];

/** By turns, so that one that came too early, twice or not at all shows. */
const KINDS = ['SIGUSR1', 'SIGUSR2', 'SIGHUP'] as const;
/** Ten thousand forks take seconds; who answers in the promised 50 ms answers many times that often. */
const ROUNDS_AT_LEAST = 10;
/** Milliseconds. Where a fork takes ten times as long as usual, ten thousand of them take minutes. */
const TIME = 10 * DEADLINE;

describe('a storm of orphans', { skip: noNamespace || noFfi }, () => {
  test('10,000 orphans leave no zombie; meanwhile signals arrive, /readyz answers, and no exit code is lost', {
    timeout: TIME,
  }, async () => {
    // The probes are processes that libuv waits for: one code that went to the wrong waiter would fail them.
    const probes = ['--ready', 'exec:true', '--live', 'exec:true', '--probe-period', '100ms'];
    await using run = await startPuppet(probes, { prefix: NAMESPACE });
    await run.puppet.tell({ do: 'catch', signals: KINDS });
    await run.line('ready');
    const first = await firstIn(run.pid);
    await run.puppet.tell({ do: 'spawn', command: storm(10_000), detached: true });
    const sent: string[] = [];
    while ((await reapedBy(run)) < 10_000 && sent.length < 10_000) {
      const signal = KINDS[sent.length % KINDS.length] ?? 'SIGUSR1';
      process.kill(first, signal);
      sent.push(signal);
      await until(`signal ${sent.length} in the storm`, () => run.puppet.signals().length >= sent.length);
      assert.equal((await run.get('/readyz')).status, 200);
    }
    assert.ok((await reapedBy(run)) >= 10_000);
    assert.ok(sent.length >= ROUNDS_AT_LEAST, `${sent.length} rounds`);
    assert.deepEqual(run.puppet.signals(), sent);
    await until('no zombie is left', () => childrenOf(first).every(({ state }) => state !== 'Z'));
    assert.ok(!run.events().includes('unready') && !run.events().includes('unlive'), run.stderr());
    await run.puppet.tell({ do: 'exit', code: 77 });
    assert.equal((await run.ended()).code, 77);
  });

  test('3,000 orphans lose none of the exit codes of 600 children that k8s-run started', {
    timeout: TIME,
  }, async () => {
    const words = [
      ...NAMESPACE.slice(1),
      process.execPath,
      fileOf('../../rig/own-children.ts'),
      '600',
      ...storm(3_000),
    ];
    const child = spawn('unshare', words, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
    try {
      const lines: string[] = [];
      createInterface(child.stdout).on('line', (line) => lines.push(line));
      const closed = once(child, 'close');
      for (let said = 0; said < 6; said += 1) {
        await until(`${(said + 1) * 100} children have ended`, () => lines.length > said);
      }
      const [code] = await soon('the end of the storm', closed, undefined, TIME);
      const { wrong, reaped } = JSON.parse(lines.at(-1) ?? '');
      assert.deepEqual({ code, wrong }, { code: 0, wrong: [] });
      assert.ok(reaped >= 3_000, `${reaped} reaped`);
    } finally {
      killGroup(child.pid ?? 0);
    }
  });
});

async function reapedBy(run: Supervised): Promise<number> {
  return JSON.parse((await run.get('/statusz')).body).orphans.reaped;
}
