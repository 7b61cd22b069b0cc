import { until } from '../test/rig/deadline.ts';
import { APP, type Contender, freePort, k8sRun } from './contenders.ts';
import { statusOf } from './health-speed.ts';
import { memoryOf } from './kernel.ts';
import { loadOn } from './load.ts';
import type { Measure } from './measure.ts';
import { type Started, start, wait } from './processes.ts';

const NAME = 'k8s-run';
/** Longer than two checks of src/resources/memory-trimmer.ts, 30 s apart: the second frees what the first found in use. */
const SETTLE = 65_000;
/** Share of the requests sent before the first reading: code compiled on first use is no leak. */
const WARM_UP = 0.05;

/** Whether memory grows with the number of probes and requests. */
export const leak: Measure = {
  name: 'leak',
  async run(effort, progress) {
    const count = effort === 'full' ? 200_000 : 10_000;
    const warmUp = count * WARM_UP;
    const port = await freePort();
    const health = await freePort();
    const contender = probingWithoutInterval(port, health);
    await using started = start(contender.starting([process.execPath, APP, String(port)]), 'ignore');
    const settledAfter = async (probes: number, requests: number): Promise<number> => {
      const probing = probed(started, port, probes, progress);
      await loadOn(`http://127.0.0.1:${health}/readyz`, { connections: 8, requests });
      await probing;
      progress('waiting until the memory has settled');
      await wait(SETTLE);
      return memoryOf([started.pid]).privateDirty;
    };
    await until('the health server', async () => (await statusOf(`http://127.0.0.1:${health}/readyz`)) === 200);
    const before = await settledAfter(warmUp, warmUp);
    const after = await settledAfter(warmUp + count, count);
    return [
      {
        kind: 'comparison',
        title: `Leak: private dirty after ${count} probes and ${count} health requests`,
        method:
          'An HTTP probe is repeated without an interval, while 8 kept-alive connections request /readyz; then both stop. ' +
          `The memory is read ${SETTLE / 1000} s after the first ${warmUp} of each, and ${SETTLE / 1000} s after the rest.`,
        unit: 'MiB',
        yardstick: null,
        rows: [
          { name: 'settled', values: [before] },
          { name: 'after', values: [after] },
          { name: `${NAME}, difference`, values: [after - before] },
        ],
        targets: [{ row: `${NAME}, difference`, of: 'worst', atMost: 2, madeOf: 'memory that was not freed' }],
      },
    ];
  },
};

function probingWithoutInterval(port: number, health: number): Contender {
  const probe = [`--ready=http://127.0.0.1:${port}/`, '--probe-period=1ms', '--probe-timeout=1h'];
  return k8sRun(NAME, ...probe, `--health-port=${health}`);
}

/** Waits until the app has answered `count` probes. It then holds the next one, so probing stops. */
async function probed(
  { child }: Started,
  port: number,
  count: number,
  progress: (done: string) => void,
): Promise<void> {
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/allow?${count}`);
    const answered = Number(await response.text());
    progress(`${answered} of ${count} probes`);
    if (answered >= count) return;
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`cannot measure the leak: ${NAME} has ended`);
    await wait(500);
  }
}
