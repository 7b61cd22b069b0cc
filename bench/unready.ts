import { DEADLINE, until } from '../test/rig/deadline.ts';
import { APP, freePort, k8sRun } from './contenders.ts';
import { healthUrl, keptAlive, statusOf } from './health.ts';
import type { Measure, Samples } from './measure.ts';
import { start } from './processes.ts';

/** The time until Kubernetes can see that the pod wants no more traffic. */
export const unready: Measure = {
  name: 'unready',
  async run(effort, progress) {
    const rounds = effort === 'full' ? 20 : 4;
    const before: number[] = [];
    const after: number[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const seen = await once();
      if (round > 0) {
        before.push(seen.before);
        after.push(seen.after);
      }
      progress(`${round} of ${rounds}`);
    }
    const rows: readonly Samples[] = [
      { name: 'one answer before it: 200', values: before },
      { name: 'SIGTERM → 503', values: after },
    ];
    return [
      {
        kind: 'comparison',
        title: 'SIGTERM → /readyz answers 503',
        method:
          'From kill(2) to the first 503, with requests one after the other on one kept-alive connection; a ready app with an ' +
          'HTTP probe. The first row is the time of one such answer. C inits have no readiness.',
        unit: 'ms',
        yardstick: null,
        rows,
        targets: [],
      },
    ];
  },
};

async function once(): Promise<{ readonly before: number; readonly after: number }> {
  const port = await freePort();
  const { starting } = k8sRun('k8s-run', `--ready=http://127.0.0.1:${port}/`);
  await using started = start(starting([process.execPath, APP, String(port)]), ['ignore', 'ignore', 'pipe']);
  const url = `${await healthUrl(started)}/readyz`;
  using agent = keptAlive();
  await until('readiness', async () => (await statusOf(url, agent.agent)) === 200);
  const from = performance.now();
  await statusOf(url, agent.agent);
  const before = performance.now() - from;
  const sent = performance.now();
  process.kill(started.pid, 'SIGTERM');
  for (;;) {
    const status = await statusOf(url, agent.agent);
    const after = performance.now() - sent;
    if (status === 503) return { before, after };
    if (after > DEADLINE) throw new Error(`/readyz still answers ${status} ${DEADLINE} ms after SIGTERM`);
  }
}
