import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { commandLineOf, listProcesses } from '../../../src/linux/procfs.ts';
import { until } from '../../rig/deadline.ts';
import { finish } from '../../rig/finished.ts';
import { firstIn, NAMESPACE, noNamespace, visit } from '../../rig/namespace.ts';
import { BIN, killGroup, start } from '../../rig/supervised.ts';

const SLEEP = ['sleep', '300'];
/** With a timeout that a busy machine does not exceed. */
const BRISK = ['--startup', 'none', '--probe-period', '30ms', '--probe-timeout', '30s', '--failure-threshold', '1'];
/** A daemon as programs make them: forked twice, in a session of its own. The script goes on when it is up. */
const daemon = (mark: string): string =>
  `{ setsid sh -c "sleep ${mark} >/dev/null & echo up; sleep ${mark} >/dev/null" & } | read -r up;`;

/** Seconds that no other process of this machine sleeps, by which its sleepers are found in any namespace. Disposing ends them. */
function sleepers(): { readonly mark: string; readonly found: () => readonly number[] } & Disposable {
  const mark = `${randomInt(100_000, 999_999)}.${randomInt(100_000, 999_999)}`;
  const found = (): readonly number[] =>
    listProcesses().flatMap(({ pid, state }) =>
      state !== 'Z' && commandLineOf(pid).join(' ') === `sleep ${mark}` ? [pid] : [],
    );
  return {
    mark,
    found,
    [Symbol.dispose]() {
      for (const pid of found()) killGroup(pid);
    },
  };
}

type Sleepers = ReturnType<typeof sleepers>;

const appear = ({ mark, found }: Sleepers): Promise<readonly number[]> =>
  until(`sleep ${mark} runs`, () => (found().length > 0 ? found() : null));
const areGone = ({ mark, found }: Sleepers, pids: readonly number[]): Promise<unknown> =>
  until(
    `${pids} are gone`,
    () => !found().some((pid) => pids.includes(pid)) || null,
    () => mark,
  );

test('what an exec probe leaves in its own group and in others is killed when it has ended', async () => {
  using own = sleepers();
  using other = sleepers();
  const script = `sleep ${own.mark} & ${daemon(other.mark)}`;
  await using run = start([...BRISK, '--ready', `exec:sh -c '${script}'`, '--probe-period', '10s'], SLEEP);
  await run.line('ready');
  await areGone(own, own.found());
  await areGone(other, other.found());
});

test('an exec probe that exceeds its timeout is killed with the groups and sessions that it has made', async () => {
  using inGroup = sleepers();
  using inSession = sleepers();
  using daemons = sleepers();
  const script = `${daemon(daemons.mark)} setsid sleep ${inSession.mark} & timeout 300 sleep ${inGroup.mark}; :`;
  await using run = start(
    [...BRISK, '--ready', `exec:sh -c '${script}'`, '--probe-timeout', '3s', '--probe-period', '1h'],
    SLEEP,
  );
  const pids = await Promise.all([inGroup, inSession, daemons].map(appear));
  await until('the reason', async () => (await run.get('/readyz')).body === 'no answer within 3000 ms\n', run.stderr);
  await areGone(inGroup, pids[0] ?? []);
  await areGone(inSession, pids[1] ?? []);
  await areGone(daemons, pids[2] ?? []);
});

test('the exit of k8s-run takes the exec probe that is under way with all that it has started, and names none of it', async () => {
  using daemons = sleepers();
  const script = `${daemon(daemons.mark)} sleep 300`;
  await using run = start(
    [...BRISK, '--live', `exec:sh -c '${script}'`, '--probe-timeout', '1m', '--shutdown-delay', '0'],
    SLEEP,
  );
  await appear(daemons);
  run.kill('SIGTERM');
  assert.equal((await run.ended()).code, 143);
  assert.deepEqual(daemons.found(), []);
  assert.ok(!run.events().includes('leftovers'), run.stderr());
});

test('as PID 1, an exec probe ends with what it has started, but not orphans of the app and of visitors', {
  skip: noNamespace,
}, async () => {
  using apps = sleepers();
  using visitors = sleepers();
  using probes = sleepers();
  const script = daemon(probes.mark);
  const app = `while :; do ${daemon(apps.mark)} sleep 0.2; [ -e /dev/null ] && exec sleep 300; done`;
  await using run = start([...BRISK, '--ready', `exec:sh -c '${script}'`], ['sh', '-c', app], {
    prefix: NAMESPACE,
  });
  await run.line('ready');
  const ofApp = await appear(apps);
  const first = await firstIn(run.pid);
  await using visitor = visit(first, ['sh', '-c', `(sleep ${visitors.mark} &) & ${daemon(visitors.mark)} sleep 300`]);
  const ofVisitor = await until('both sleepers of the visitor', () =>
    visitors.found().length >= 3 ? visitors.found() : null,
  );
  assert.ok(visitor.pid > 0);
  // Three probes more have begun and ended since.
  const before = Number(
    /k8s_run_probe_results_total\{probe="ready",result="passed"\} (\d+)/.exec((await run.get('/metrics')).body)?.[1],
  );
  await until('three more probes', async () => {
    const { body } = await run.get('/metrics');
    return Number(/k8s_run_probe_results_total\{probe="ready",result="passed"\} (\d+)/.exec(body)?.[1]) >= before + 3;
  });
  assert.ok(ofApp.every((pid) => apps.found().includes(pid)));
  assert.ok(ofVisitor.every((pid) => visitors.found().includes(pid)));
  await until('few of the probe at a time', () => probes.found().length <= 4);
});

test('--wait-for exec leaves nothing behind', async () => {
  using daemons = sleepers();
  const script = `${daemon(daemons.mark)}`;
  await using run = start([...BRISK, '--ready', 'none', '--wait-for', `exec:sh -c '${script}'`], SLEEP);
  await run.line('ready');
  await areGone(daemons, daemons.found());
});

test('a hook that exceeds --hook-timeout is killed with the sessions that it has made', async () => {
  using daemons = sleepers();
  const hook = `--pre-start=sh -c '${daemon(daemons.mark)} sleep 300'`;
  const ended = await finish([hook, '--hook-timeout=1s'], ['echo', 'started']);
  assert.deepEqual([ended.code, ended.stdout], [78, '']);
  assert.deepEqual(daemons.found(), []);
});

test('a hook that ends by itself may leave a process behind', async () => {
  using daemons = sleepers();
  const hook = `--pre-start=sh -c '${daemon(daemons.mark)}'`;
  await using run = start([hook, '--ready', 'none'], SLEEP);
  await run.line('ready');
  assert.ok((await appear(daemons)).length > 0);
});

test('a k8s-run that a probe starts does not take the variable of the probe for an option', async () => {
  const inner = `${process.execPath} ${BIN} --health-port off --ready none -- true`;
  await using run = start(
    ['--ready', `exec:sh -c '! ${inner} 2>&1 | grep -q K8S_RUN_COMMAND'`, '--probe-timeout', '30s'],
    SLEEP,
  );
  await run.line('ready');
});
