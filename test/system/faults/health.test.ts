import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { type InjectedFault, withFault } from '../../rig/inject.ts';
import { startPuppet } from '../../rig/puppet.ts';

/** While an answer is written, and while a connection is taken over. */
const FAULTS: readonly (readonly [InjectedFault, number])[] = [
  ['toUTCString throws', 1],
  ['toUTCString throws', 2],
  ['resume throws', 1],
  ['resume throws', 2],
];

for (const [fault, times] of FAULTS) {
  test(`when ${fault}, ${times} times, the fault is logged, the next request is answered, the app lives on`, async () => {
    await using run = await startPuppet(['--ready', 'none', '--shutdown-delay', '1ms'], withFault(fault, { times }));
    await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 7 });
    await run.line('ready');
    // What is asked first has its connection closed.
    const status = (): Promise<number | string> =>
      run.get('/readyz').then(
        (reply) => reply.status,
        () => 'no answer',
      );
    const first = status();
    const said = await run.line('fault');
    assert.deepEqual([said.level, said['room'], said['error']], ['error', 'health', `injected ${fault}`]);
    await until('an answer', async () => (await status()) === 200, run.stderr);
    run.kill('SIGTERM');
    assert.deepEqual(await run.ended(), { code: 7, signal: null });
    assert.notEqual(await first, 200);
  });
}
