import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { type InjectedFault, withFault } from '../../rig/inject.ts';
import { startPuppet } from '../../rig/puppet.ts';

/** Once: the answer itself is still given, as 500. Twice: that one throws too, outside of all care. */
const FAULTS: readonly (readonly [InjectedFault, number])[] = [
  ['writeHead throws', 1],
  ['writeHead throws', 2],
  ['http throws on a connection', 1],
  ['http throws on a request', 1],
];

for (const [fault, times] of FAULTS) {
  test(`when ${fault}, ${times} times, the fault is logged, the next request is answered, the app lives on`, async () => {
    await using run = await startPuppet(['--ready', 'none', '--shutdown-delay', '1ms'], withFault(fault, { times }));
    await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 7 });
    await run.line('ready');
    // What is asked first gets a 500, or a connection that is never answered and is left to its own time-out.
    const first = run.get('/readyz').then(
      ({ status }) => status,
      () => 'no answer',
    );
    const said = await run.line('fault');
    assert.deepEqual([said.level, said['room'], said['error']], ['error', 'health', `injected ${fault}`]);
    await until('an answer', async () => (await run.get('/readyz')).status === 200, run.stderr);
    run.kill('SIGTERM');
    assert.deepEqual(await run.ended(), { code: 7, signal: null });
    assert.notEqual(await first, 200);
  });
}
