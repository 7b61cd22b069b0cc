import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { makeControlGroup, noControlGroup } from '../rig/control-group.ts';
import { soon, until } from '../rig/deadline.ts';
import { finish } from '../rig/finished.ts';
import { firstIn, NAMESPACE } from '../rig/namespace.ts';
import { type Start, type Supervised, start, startWords } from '../rig/supervised.ts';
import { cannotRun, compile, FOLDER, inRoot, makeRoot, PLACE, ROOTS, scratch } from './roots.ts';

const PROGRAM = `${FOLDER}/bin/k8s-run`;
/** Milliseconds. Node runs its first line after tens of them, and under a small CPU limit after hundreds. */
const DELAYS = [0, 1, 3, 5, 10, 20, 30, 60];
const LIMITED_DELAYS = [0, 10, 100, 500, 1_000, 2_000];
const TIMES = 5;
const RUNS = ['--ready', 'none', '--shutdown-delay', '0'];

/** The kernel drops a stop signal that is pending when CONT comes, and CONT when a stop signal comes. */
const STOPS = ['SIGTSTP', 'SIGTTIN'] as const;
const OTHERS = [
  ...(['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGTERM', 'SIGSTKFLT', 'SIGCONT'] as const),
  ...(['SIGURG', 'SIGXCPU', 'SIGVTALRM', 'SIGPROF', 'SIGWINCH', 'SIGIO', 'SIGPWR'] as const),
];
/** Caught by k8s-run, and not kept: the reaper's, one that a thread must not block, one that Node ignores at first, a fault. */
const NOT_KEPT = ['SIGCHLD', 'SIGTTOU', 'SIGXFSZ', 'SIGSEGV'] as const;

const { signals } = constants;
const numbers = (names: readonly NodeJS.Signals[]): readonly number[] =>
  names.map((each) => signals[each]).sort((one, other) => one - other);

/** A mask of /proc/<pid>/status, as the numbers of its signals, without those of real-time. */
function maskIn(status: string, field: 'SigBlk' | 'SigCgt' | 'SigIgn'): readonly number[] {
  const mask = BigInt(`0x${new RegExp(`^${field}:\\s*(\\w+)`, 'm').exec(status)?.[1] ?? '0'}`);
  return Array.from({ length: 31 }, (_, index) => index + 1).filter((each) => (mask >> BigInt(each - 1)) & 1n);
}

const statusOf = (process: number | string): string => readFileSync(`/proc/${process}/status`, 'utf8');

/** Process 1 of that namespace, once it is the launcher and has run its first instructions. Looks as often as it can. */
async function launched(run: Supervised): Promise<number> {
  const first = await firstIn(run.pid);
  const isLaunched = (): boolean => {
    if (!readlinkSync(`/proc/${first}/exe`).startsWith(FOLDER)) return false;
    const status = statusOf(first);
    return [...maskIn(status, 'SigBlk'), ...maskIn(status, 'SigCgt')].includes(signals.SIGTERM);
  };
  const seen = async (): Promise<number> => {
    while (!isLaunched()) await nextTurn();
    return first;
  };
  return soon('the launcher', seen(), run.stderr);
}

const missing = cannotRun('gcc', 'patchelf', 'unshare');

describe('signals while the portable folder starts', { skip: missing }, () => {
  async function endsInOrder(how: Start, delay: number): Promise<void> {
    await using run = start(RUNS, ['sleep', '1000'], { program: [PROGRAM], ...how });
    const first = await launched(run);
    await wait(delay);
    process.kill(first, 'SIGTERM');
    assert.equal((await run.ended()).code, 128 + signals.SIGTERM, run.stderr());
    assert.equal(run.lines().find(({ event }) => event === 'signal')?.['signal'], 'SIGTERM', run.stderr());
    assert.equal(run.events().at(-1), 'exited', run.stderr());
  }

  for (const delay of DELAYS) {
    test(`a TERM ${delay} ms after the start of process 1 is kept, and ends it in order, ${TIMES} of ${TIMES} times`, async () => {
      for (let times = 0; times < TIMES; times += 1) await endsInOrder({ prefix: NAMESPACE }, delay);
    });
  }

  for (const delay of LIMITED_DELAYS) {
    const limited = `with a twentieth of a CPU a TERM ${delay} ms after the start of process 1 is kept, and ends it in order`;
    test(limited, { skip: noControlGroup }, async () => {
      await using group = makeControlGroup({ processors: 0.05 });
      await endsInOrder({ prefix: [...NAMESPACE, ...group.prefix] }, delay);
    });
  }

  test('a TERM at the start ends k8s-run before the app where something comes before the app', async () => {
    const options = [...RUNS, '--pre-start', 'sleep 1000'];
    await using run = start(options, ['sleep', '1000'], { program: [PROGRAM], prefix: NAMESPACE });
    process.kill(await launched(run), 'SIGTERM');
    assert.equal((await run.ended()).code, 128 + signals.SIGTERM, run.stderr());
    assert.equal(run.lines().at(-1)?.['cause'], 'stopped before start', run.stderr());
    assert.ok(!run.events().includes('spawned'), run.stderr());
  });

  for (const names of [OTHERS, STOPS]) {
    test(`each of ${names.map((each) => each.slice(3)).join(', ')} at the start of process 1 is received`, async () => {
      const rewrites = names.flatMap((each) => ['--rewrite', `${each}:0`]);
      await using run = start([...RUNS, '--stop-on', 'none', ...rewrites], ['sleep', '1000'], {
        program: [PROGRAM],
        prefix: NAMESPACE,
      });
      const first = await launched(run);
      for (const each of names) process.kill(first, each);
      for (const each of names) await run.line('signal', (line) => line['signal'] === each);
      process.kill(first, 'SIGKILL');
      await run.ended();
    });
  }

  test('the launcher blocks the signals that k8s-run passes on, and k8s-run blocks none when it has started', async () => {
    using box = scratch();
    const folder = `${box.path}/k8s-run`;
    cpSync(FOLDER, folder, { recursive: true });
    // In the place of what the launcher executes.
    for (const each of readdirSync(`${folder}/lib`))
      if (each.startsWith('ld-')) compile('status.c', `${folder}/lib/${each}`);
    const kept = maskIn(execFileSync(`${folder}/bin/k8s-run`, { encoding: 'utf8' }), 'SigBlk');
    assert.deepEqual(kept, numbers([...OTHERS, ...STOPS]));

    await using run = start(RUNS, ['sleep', '1000'], { program: [PROGRAM], prefix: NAMESPACE });
    const first = await launched(run);
    await run.line('ready');
    const status = statusOf(first);
    assert.deepEqual(maskIn(status, 'SigBlk'), []);
    assert.deepEqual(maskIn(status, 'SigCgt'), numbers([...OTHERS, ...STOPS, ...NOT_KEPT]));
  });

  test('a command of k8s-run blocks only what Node itself blocks', async () => {
    const how: Start = { program: [PROGRAM], prefix: NAMESPACE, stdio: ['pipe', 'pipe', 'pipe'] };
    await using run = startWords(['check', '-'], how);
    const first = await launched(run);
    // The last listener is there.
    await until('the listeners', () => maskIn(statusOf(first), 'SigCgt').includes(signals.SIGPWR));
    await until('the mask after it', () => !maskIn(statusOf(first), 'SigBlk').includes(signals.SIGPWR));
    assert.deepEqual(maskIn(statusOf(first), 'SigBlk'), [signals.SIGUSR1]);
    run.child.stdin?.end();
    assert.equal((await run.ended()).code, 0, run.stderr());
  });

  test('the runtime without the launcher, and with nothing blocked, has its signals as any Node', () => {
    const loader = readdirSync(`${FOLDER}/lib`).find((each) => each.startsWith('ld-')) ?? '';
    const words = ['--library-path', `${FOLDER}/lib`, `${FOLDER}/lib/k8s-run`, '--eval'];
    const script = 'process.stdout.write(fs.readFileSync("/proc/self/status")); process.kill(process.pid, "SIGHUP")';
    const { stdout, signal } = spawnSync(`${FOLDER}/lib/${loader}`, [...words, script], { encoding: 'utf8' });
    assert.deepEqual(maskIn(stdout, 'SigBlk'), []);
    assert.equal(signal, 'SIGHUP');
  });

  test('the app has no signal blocked, caught or ignored, and nothing of the folder in its memory', async () => {
    using root = scratch();
    const [empty] = ROOTS;
    if (empty !== undefined) makeRoot(empty, root.path);
    compile('status.c', `${root.path}/status`);
    const how = { program: [`${PLACE}/bin/k8s-run`], prefix: inRoot(root.path, false), env: {} };
    for (const options of [RUNS, [...RUNS, '--pre-start', '/app check']]) {
      const { code, stdout, stderr } = await finish(options, ['/status'], how);
      assert.equal(code, 0, stderr);
      for (const field of ['SigBlk', 'SigCgt', 'SigIgn'] as const) assert.deepEqual(maskIn(stdout, field), [], field);
      assert.match(stdout, /\/status\n/);
      assert.doesNotMatch(stdout, /keep-signals|opt\/k8s-run/);
    }
  });
});
