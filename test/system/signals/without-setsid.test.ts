import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { noFfi } from '../../rig/ffi.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { type Start, start } from '../../rig/supervised.ts';

const WITHOUT_SETSID: Start = { nodeOptions: [`--import=${new URL('../../rig/without-setsid.mjs', import.meta.url)}`] };
const OPTIONS = ['--ready', 'none', '--shutdown-delay', '0'];

test('where setsid(2) is denied, the app still gets its signals and TERM', { skip: noFfi }, async () => {
  await using run = await startPuppet(OPTIONS, WITHOUT_SETSID);
  const app = await run.appPid();
  assert.equal(run.child.pid, groupOf(app), 'the app is in the group of k8s-run');
  await run.puppet.tell({ do: 'catch', signals: ['SIGHUP'] });
  run.kill('SIGHUP');
  await run.puppet.received('SIGHUP');
  run.kill('SIGTERM');
  assert.deepEqual(await run.ended(), { code: 143, signal: null });
});

test('where setsid(2) is denied, the whole app gets SIGKILL at the end of the grace', { skip: noFfi }, async () => {
  const script = 'trap "" TERM; sleep 1000 & echo $!; while :; do sleep 1; done';
  await using run = start([...OPTIONS, '--grace', '200ms'], ['sh', '-c', script], WITHOUT_SETSID);
  await until('its child', () => /^\d+\n/.test(run.stdout()), run.stderr);
  run.kill('SIGTERM');
  assert.deepEqual(await run.ended(), { code: 137, signal: null });
  assert.throws(() => process.kill(Number(run.stdout()), 0), { code: 'ESRCH' });
});

/** The process group: the third field after the name (proc_pid_stat(5)). */
function groupOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
}
