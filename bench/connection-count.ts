import { openConnectionCounter } from '../src/connections/counter.ts';
import { loadFfi } from '../src/linux/ffi.ts';
import { soon, until } from '../test/rig/deadline.ts';
import { ask, linesOf } from '../test/rig/supervised.ts';
import { APP, freePort, k8sRun } from './contenders.ts';
import { childrenOf, cpuOf } from './kernel.ts';
import type { Measure, Samples } from './measure.ts';
import { type Started, start, wait } from './processes.ts';

const CONNECTIONS = 10_000;
const CLIENT = new URL('./many-connections.js', import.meta.url).pathname;
/** Until the app's sockets are found and the code is compiled. */
const SETTLE = 3_000;

const BY_KERNEL = `sock_diag, ${CONNECTIONS} connections`;
const BY_TABLE = `/proc/net/tcp, ${CONNECTIONS} connections`;
const WAITING = `k8s-run waiting for ${CONNECTIONS} connections`;

/** The CPU time of counting the app's connections while it drains. */
export const connectionCount: Measure = {
  name: 'connection-count',
  async run(effort, progress) {
    const counts = effort === 'full' ? 30 : 5;
    const windows = effort === 'full' ? 3 : 1;
    const port = await freePort();
    const options = ['--shutdown-delay=0', '--drain-connections=1h', `--ready=tcp://127.0.0.1:${port}`];
    const words = k8sRun('k8s-run', ...options).starting([process.execPath, APP, String(port)]);
    await using run = start(words, ['ignore', 'ignore', 'pipe']);
    const health = await fieldOfLine(run, 'starting', 'health');
    const url = health.replace('[::]', '127.0.0.1');
    await until('readiness', async () => (await ask(`${url}/readyz`)).status === 200);
    const [app] = childrenOf(run.pid);
    if (app === undefined) throw new Error('cannot count: the app is gone');
    await using client = start(
      [process.execPath, CLIENT, String(port), String(CONNECTIONS)],
      ['ignore', 'pipe', 'ignore'],
    );
    const isOpen = await soon(
      `${CONNECTIONS} connections`,
      new Promise<boolean>((resolve) => {
        client.child.stdout?.once('data', () => resolve(true));
        void client.exited.then(() => resolve(false));
      }),
    );
    if (!isOpen) return [{ kind: 'omission', title: TITLE, reason: `the limit of open files is below ${CONNECTIONS}` }];

    const timed = (name: string, ffi: ReturnType<typeof loadFfi>): Samples => {
      const counter = openConnectionCounter(app, ffi);
      const values: number[] = [];
      for (let count = -2; count < counts; count += 1) {
        const from = process.cpuUsage();
        const found = counter.count(new Set(), performance.now());
        const { user, system } = process.cpuUsage(from);
        if (count >= 0) values.push((user + system) / 1_000);
        if (found.kind !== 'counted' || found.open < CONNECTIONS) throw new Error(`counted ${JSON.stringify(found)}`);
        progress(`${name}: ${count + 1} of ${counts}`);
      }
      counter.close();
      return { name, values };
    };
    const rows = [timed(BY_KERNEL, loadFfi()), timed(BY_TABLE, { missing: 'not used here' })];

    process.kill(run.pid, 'SIGTERM');
    await until('draining', async () => JSON.parse((await ask(`${url}/statusz`)).body).state === 'draining');
    await wait(SETTLE);
    const shares: number[] = [];
    for (let window = 0; window < windows; window += 1) {
      const [from, before] = [performance.now(), cpuOf(run.pid)];
      await wait(10_000);
      shares.push((cpuOf(run.pid) - before) / ((performance.now() - from) / 1_000));
      progress(`${WAITING}: ${window + 1} of ${windows}`);
    }
    return [
      {
        kind: 'comparison',
        title: TITLE,
        method:
          'CPU time of one count of the open connections of the app. Both ends of each connection are on this machine, so the ' +
          'kernel goes through twice as many as in a pod.',
        unit: 'ms',
        yardstick: null,
        rows,
        targets: [{ row: BY_KERNEL, of: 'median', atMost: 20, madeOf: 'the kernel copying a tcp_info for each' }],
      },
      {
        kind: 'comparison',
        title: 'CPU while connections are waited for',
        method: 'CPU time of all threads per second, over windows of 10 s in which no connection ends.',
        unit: 'ms/s',
        yardstick: null,
        rows: [{ name: WAITING, values: shares }],
        targets: [
          {
            row: WAITING,
            of: 'median',
            atMost: 20,
            madeOf: 'counts, each followed by an interval of 80 times its duration',
          },
        ],
      },
    ];
  },
};

const TITLE = "Counting the app's connections";

function fieldOfLine({ child }: Started, event: string, field: string): Promise<string> {
  let text = '';
  const found = new Promise<string>((resolve) => {
    child.stderr?.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      const value = linesOf(text).find((line) => line.event === event)?.[field];
      if (typeof value === 'string') resolve(value);
    });
  });
  return soon(`the line ${event}`, found, () => text);
}
