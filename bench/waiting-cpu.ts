import { freePort, k8sRun } from './contenders.ts';
import { childrenOf, cpuOf } from './kernel.ts';
import type { Effort, Measure, Target } from './measure.ts';
import { type Started, start, wait } from './processes.ts';

/** Milliseconds after the start at which a phase begins: probing is close for ten seconds, and memory was given back twice by then. */
const LATER = 45_000;
const FIRST = 10_000;
const WINDOW = 20_000;

/** A server that answers 503, as a standby of a database does. */
const STANDBY = `require('node:http').createServer((_, answer) => answer.writeHead(503).end()).listen(+process.argv[1], '127.0.0.1')`;
/** Sleeps in as many processes as the argument says. */
const FOREST = 'for i in $(seq "$0"); do sleep 1000 & done; wait';

type Waiter = {
  readonly name: string;
  readonly command: (port: number) => readonly string[];
  /** Bounds in ms/s for the first ten seconds and later; null: none. */
  readonly first: number | null;
  readonly later: number;
  readonly madeOf: string;
  /** Its app has so many processes that others feel it. */
  readonly isMany?: true;
};

const waiters: readonly Waiter[] = [
  {
    name: 'a worker on auto',
    command: () => k8sRun('').starting(['sleep', '1000']),
    first: 5,
    later: 1,
    madeOf: 'a look for listening sockets at each period',
  },
  {
    name: 'a worker on process',
    command: () => k8sRun('', '--ready=process').starting(['sleep', '1000']),
    first: null,
    later: 1,
    madeOf: 'a look at the state of the process each second',
  },
  {
    name: 'a standby that answers 503, period 10 s',
    command: (port) =>
      k8sRun('', `--ready=http://127.0.0.1:${port}/`, '--probe-period=10s').starting([
        process.execPath,
        '-e',
        STANDBY,
        String(port),
      ]),
    first: null,
    later: 1.5,
    madeOf: 'a request every ten seconds',
  },
  {
    name: 'an exec probe that fails, period 10 s',
    command: () => k8sRun('', '--ready=exec:false', '--probe-period=10s').starting(['sleep', '1000']),
    first: null,
    later: 2,
    madeOf: 'a process every ten seconds',
  },
  {
    name: 'an app of 1,000 processes on auto',
    isMany: true,
    command: () => k8sRun('').starting(['sh', '-c', FOREST, '1000']),
    first: null,
    later: 1,
    madeOf: 'a look for listening sockets at each period',
  },
];

/** The CPU time of k8s-run above apps that are not ready, or never will be; without the app and without what probes execute. */
export const waitingCpu: Measure = {
  name: 'waiting-cpu',
  async run(effort, progress) {
    const values = { first: new Map<string, number[]>(), later: new Map<string, number[]>() };
    // A thousand processes make /proc long for all that look through it.
    for (const group of [waiters.filter(({ isMany }) => !isMany), waiters.filter(({ isMany }) => isMany)])
      await measureTogether(group, values, { effort, progress });
    const result = (when: 'first' | 'later', title: string, method: string) =>
      ({
        kind: 'comparison',
        title,
        method,
        unit: 'ms/s',
        yardstick: null,
        rows: [...values[when]].map(([name, each]) => ({ name, values: each })),
        targets: waiters.flatMap((waiter): readonly Target[] => {
          const atMost = waiter[when];
          return atMost === null ? [] : [{ row: waiter.name, of: 'median', atMost, madeOf: waiter.madeOf }];
        }),
      }) as const;
    const how =
      'CPU time of all threads of k8s-run per second, without the app and without what probes execute, side by side';
    return [
      result('first', 'CPU above an app that is not ready: 1 to 10 s after the start', `${how}.`),
      result(
        'later',
        'CPU above an app that is not ready: later',
        `${how}, from ${LATER / 1_000} s after the start on.`,
      ),
    ];
  },
};

type Values = Readonly<Record<'first' | 'later', Map<string, number[]>>>;
type Run = { readonly effort: Effort; readonly progress: (done: string) => void };

/** Starts the waiters side by side and adds what each spends, in ms/s, in the first ten seconds and in windows later. */
async function measureTogether(group: readonly Waiter[], values: Values, { effort, progress }: Run): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const started: { readonly waiter: Waiter; readonly process: Started }[] = [];
  for (const waiter of group) {
    const port = await freePort();
    started.push({ waiter, process: stack.use(start(waiter.command(port), 'ignore')) });
  }
  const spent = (): ReadonlyMap<string, number> =>
    new Map(started.map(({ waiter, process: { pid } }) => [waiter.name, cpuOf(pid)]));
  const measure = async (length: number, into: Map<string, number[]>): Promise<void> => {
    const [from, before] = [performance.now(), spent()];
    await wait(length);
    const seconds = (performance.now() - from) / 1000;
    for (const [name, cpu] of spent())
      into.set(name, [...(into.get(name) ?? []), (cpu - (before.get(name) ?? 0)) / seconds]);
  };
  // The start itself costs the same whatever follows.
  await wait(1_000);
  await measure(FIRST - 1_000, values.first);
  await wait(LATER - FIRST);
  const windows = effort === 'full' ? 3 : 1;
  for (let window = 1; window <= windows; window += 1) {
    await measure(effort === 'full' ? WINDOW : WINDOW / 2, values.later);
    progress(`${group[0]?.name ?? ''} and others: ${window} of ${windows}`);
  }
  for (const { waiter, process: running } of started)
    if (childrenOf(running.pid).length === 0) throw new Error(`cannot measure ${waiter.name}: its app does not run`);
}
