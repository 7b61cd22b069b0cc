import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { noFfi } from '../../rig/ffi.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { isRunning, type Supervised, start } from '../../rig/supervised.ts';

/** Children of a process, with their state letter. */
async function childrenOf(parent: number): Promise<readonly { readonly pid: number; readonly state: string }[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return stats.flatMap((stat) => {
    const [state = '', ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(ppid) === parent ? [{ pid: Number.parseInt(stat, 10), state }] : [];
  });
}

async function reapedBy(run: Supervised): Promise<number> {
  const { body } = await run.get('/statusz');
  return JSON.parse(body).orphans.reaped;
}

test('orphans are adopted and reaped, and counted', { skip: noFfi }, async () => {
  await using run = await startPuppet(['--ready', 'none', '--log-level', 'debug']);
  await run.puppet.tell({ do: 'spawn', command: ['sh', '-c', '(exit 5) & exec true'], detached: true });
  await until('the orphan is reaped', async () => (await reapedBy(run)) >= 1);
  await until('no zombie is left', async () => (await childrenOf(run.pid)).every(({ state }) => state !== 'Z'));
  await run.puppet.tell({ do: 'exit', code: 3 });
  assert.equal((await run.ended()).code, 3);
});

test('an orphan that ends together with the app is reaped before the last line of the log', {
  skip: noFfi,
}, async () => {
  await using run = start(['--log-level', 'debug'], ['sh', '-c', 'sleep 1000 & echo $!; kill -KILL 0']);
  assert.equal((await run.ended()).code, 137);
  const orphan = Number(run.stdout());
  const at = run.lines().findIndex(({ event, pid }) => event === 'reaped' && pid === orphan);
  assert.ok(at >= 0, run.stderr());
  assert.equal(run.events().at(-1), 'exited');
});

test('a storm of orphans leaves no zombie, and no exit code is lost', { skip: noFfi }, async () => {
  // Each round makes an orphan that ends at once; meanwhile the exec probe's codes must stay right.
  const storm = 'i=0; while [ $i -lt 2000 ]; do ( : & ) ; i=$((i+1)); done; exec sleep 1000';
  await using run = start(
    ['--ready', 'exec:true', '--live', 'exec:true', '--probe-period', '50ms', '--probe-timeout', '60s'],
    ['sh', '-c', storm],
  );
  await run.line('ready');
  await until('2000 orphans were reaped', async () => (await reapedBy(run)) >= 2000);
  await until('no zombie is left', async () => (await childrenOf(run.pid)).every(({ state }) => state !== 'Z'));
  assert.ok(!run.events().includes('unready'), run.stderr());
  assert.ok(!run.events().includes('unlive'), run.stderr());
  process.kill(await run.appPid(), 'SIGKILL');
  assert.equal((await run.ended()).code, 137);
});

test('a daemon of the app, forked twice into a session of its own, is found and ended', { skip: noFfi }, async () => {
  await using run = await startPuppet(['--ready', 'none']);
  const shell = await run.puppet.tell<number>({
    do: 'spawn',
    command: ['sh', '-c', 'setsid sh -c "sleep 1000 & sleep 1000" &'],
    detached: true,
  });
  const daemons = await until('the daemon has come down to k8s-run', async () => {
    const adopted = (await childrenOf(run.pid)).filter(({ pid }) => pid !== run.puppet.pid && pid !== shell);
    return adopted.length > 0 ? adopted : null;
  });
  await run.puppet.tell({ do: 'exit', code: 0 });
  assert.equal((await run.ended()).code, 0);
  const line = await run.line('leftovers');
  const named = (line['leftovers'] as { pid: number }[]).map(({ pid }) => pid);
  for (const { pid } of daemons) assert.ok(named.includes(pid), `${pid} in ${named}`);
  for (const pid of named) assert.equal(await isRunning(pid), false);
});

test('a leftover that ignores TERM and goes on forking is killed', { skip: noFfi }, async () => {
  await using run = start(
    ['--ready', 'none', '--shutdown-delay', '0', '--grace', '3s'],
    ['sh', '-c', 'setsid sh -c "trap : TERM; echo up; while :; do sleep 0.05; done" & exec sleep 1000'],
  );
  await until('its trap is set', () => run.stdout().includes('up'), run.stderr);
  await run.line('ready');
  run.kill('SIGTERM');
  assert.equal((await run.ended()).code, 143);
  const named = ((await run.line('leftovers'))['leftovers'] as { pid: number }[]).map(({ pid }) => pid);
  for (const pid of named) assert.equal(await isRunning(pid), false);
});
