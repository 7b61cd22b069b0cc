import { spawnSync } from 'node:child_process';
import { until } from '../test/rig/deadline.ts';
import { k8sRun } from './contenders.ts';
import { healthUrl, keptAlive, statusOf } from './health.ts';
import { childrenOf } from './kernel.ts';
import type { Measure } from './measure.ts';
import { start } from './processes.ts';

const TITLE = 'The slowest answer while 10,000 orphans end, as PID 1';
const IN_NAMESPACE = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'] as const;
const ORPHANS = 10_000;
const STORM = new URL('../test/rig/storm.sh', import.meta.url).pathname;
/** Writes a line when it can get URG, and for each that it gets. The log would not do: it counts equal lines. */
const APP = `
  const got = () => require('node:fs').writeSync(1, 'got\\n');
  process.on('SIGURG', got);
  got();
  require('node:child_process').spawn('sh', process.argv.slice(1), { stdio: 'ignore' });`;
/** Milliseconds that the kubelet and the app may have to wait on a machine that is not overloaded. */
const TARGET = 50;

/** Whether many orphans delay the answers and signals of k8s-run. */
export const storm: Measure = {
  name: 'storm',
  async run(effort, progress) {
    if (spawnSync(IN_NAMESPACE[0], [...IN_NAMESPACE.slice(1), 'true']).status !== 0) {
      return [{ kind: 'omission', title: TITLE, reason: 'unshare(1) cannot create a PID namespace; run as root' }];
    }
    const rounds = effort === 'full' ? 5 : 2;
    const worst: { answer: number; signal: number }[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      worst.push(await once());
      progress(`${round} of ${rounds}`);
    }
    const madeOf = 'the wait for a CPU besides the forks, the reaping of a batch of 256 orphans, and the answer itself';
    const target = { of: 'median', atMost: TARGET, madeOf } as const;
    const rows = [
      { name: '/readyz', values: worst.map(({ answer }) => answer) },
      { name: 'kill(2) → the app has the signal', values: worst.map(({ signal }) => signal) },
    ];
    return [
      {
        kind: 'comparison',
        title: TITLE,
        method:
          'From the first fork to the last orphan reaped, requests follow each other on one kept-alive connection, and a signal ' +
          'is sent as soon as the app has said that it got the previous one. Each value is the worst of one run; the forks take all the CPU ' +
          'they can get.',
        unit: 'ms',
        yardstick: null,
        rows,
        targets: rows.map(({ name }) => ({ row: name, ...target })),
      },
    ];
  },
};

async function once(): Promise<{ readonly answer: number; readonly signal: number }> {
  const { starting } = k8sRun('k8s-run', '--ready=process', '--rewrite=WINCH:URG');
  const app = [process.execPath, '-e', APP, STORM, String(ORPHANS)];
  await using started = start([...IN_NAMESPACE, ...starting(app)], ['ignore', 'pipe', 'pipe']);
  let got = 0;
  let wake = (): void => {};
  started.child.stdout?.on('data', (part: Buffer) => {
    got += part.toString().split('got\n').length - 1;
    wake();
  });
  const base = await healthUrl(started);
  await until('the app catches URG', () => got > 0);
  using kept = keptAlive();
  const [first = 0] = childrenOf(started.pid);
  let over = false;
  const requesting = async (): Promise<number> => {
    let worst = 0;
    while (!over) {
      const from = performance.now();
      await statusOf(`${base}/readyz`, kept.agent);
      worst = Math.max(worst, performance.now() - from);
    }
    return worst;
  };
  const signalling = async (): Promise<number> => {
    let worst = 0;
    for (let sent = 2; !over; sent += 1) {
      const at = performance.now();
      process.kill(first, 'SIGWINCH');
      // Polling would take CPU from the measured processes.
      while (got < sent && !over) await new Promise<void>((resolve) => (wake = resolve));
      worst = Math.max(worst, performance.now() - at);
    }
    return worst;
  };
  const both = Promise.all([requesting(), signalling()]);
  // Where the wait below fails, that is what is reported.
  both.catch(() => {});
  try {
    await until('the last orphan to be reaped', async () => (await reapedBy(base)) >= ORPHANS);
  } finally {
    over = true;
    wake();
  }
  const [answer, signal] = await both;
  return { answer, signal };
}

async function reapedBy(base: string): Promise<number> {
  const status = (await (await fetch(`${base}/statusz`)).json()) as { orphans: { reaped: number } };
  return status.orphans.reaped;
}
