import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { needs } from '../../rig/needs.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { isRunning } from '../../rig/supervised.ts';

/** A grandchild that keeps count of the USR1 that it got, in a file; `ready` is its first line. */
const COUNTER = 'trap "echo got >> $0" USR1; echo ready >> $0; while :; do sleep 1000 & wait $!; kill $!; done';

for (const [scope, gets] of [
  ['group', true],
  ['process', false],
] as const) {
  test(`--signal-scope ${scope}: a grandchild in the group ${gets ? 'gets the signal too' : 'is left alone'}`, {
    skip: needs('bash'),
  }, async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'k8s-run-'));
    context.after(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'count');
    await using run = await startPuppet(['--signal-scope', scope, '--shutdown-delay', '0s']);
    await run.puppet.tell({ do: 'catch', signals: ['SIGUSR1'] });
    await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 7 });
    const command = ['bash', '-c', COUNTER, file];
    const grandchild = await run.puppet.tell<number>({ do: 'spawn', command, detached: false });
    await until('the grandchild is ready', () => existsSync(file) && readFileSync(file, 'utf8').startsWith('ready\n'));
    const count = (): number =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line === 'got').length;

    run.kill('SIGUSR1');
    await run.puppet.received('SIGUSR1');
    if (gets) await until('the grandchild got it', () => count() === 1);
    // One that we send ourselves shows that it listens, and that nothing else was on its way before it.
    process.kill(grandchild, 'SIGUSR1');
    await until('the grandchild got ours', () => count() === (gets ? 2 : 1));

    // What it leaves behind is ended either way.
    run.kill('SIGTERM');
    assert.equal((await run.ended()).code, 7);
    assert.equal(await isRunning(grandchild), false);
  });
}
