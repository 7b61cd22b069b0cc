import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { soon } from '../test/rig/deadline.ts';
import { BARE_HANDLER, type Contender, INITS, inFolder, k8sRun } from './contenders.ts';
import { childrenOf } from './kernel.ts';
import type { Measure } from './measure.ts';
import { block, start, wait } from './processes.ts';

const TITLE = 'TERM to a PID 1 that has just been started';
const DELAYS = [1, 3, 5, 10, 20, 30, 40, 60, 80];
const APP = ['sleep', '60'];

const EXEC_AFTER_LINE = 'echo up; read -r && exec "$@"';
const IN_NAMESPACE = ['unshare', '--pid', '--fork', '--mount-proc'] as const;
/** PID 1 of a new PID namespace, which waits for a line before it executes the contender. */
const AS_INIT = [...IN_NAMESPACE, 'bash', '-c', EXEC_AFTER_LINE, 'init'];
/** A TERM that has not ended the contender after this time counts as lost. */
const LOST_AFTER = 1_000;

/** The time from which no TERM is lost: the kernel drops a TERM for which PID 1 has no handler. */
export const signalLoss: Measure = {
  name: 'signal-loss',
  async run(effort, progress) {
    if (spawnSync(IN_NAMESPACE[0], [...IN_NAMESPACE.slice(1), 'true']).status !== 0) {
      return [{ kind: 'omission', title: TITLE, reason: 'unshare(1) cannot create a PID namespace; run as root' }];
    }
    const sent = effort === 'full' ? 10 : 2;
    const contenders = [BARE_HANDLER, k8sRun('k8s-run'), ...inFolder('k8s-run, portable folder'), ...INITS];
    const kept = new Map(contenders.map(({ name }) => [name, DELAYS.map(() => 0)]));
    for (let round = 1; round <= sent; round += 1) {
      for (const [index, delay] of DELAYS.entries()) {
        for (const contender of contenders) {
          const counts = kept.get(contender.name) ?? [];
          if (await isReceived(contender, delay)) counts[index] = (counts[index] ?? 0) + 1;
        }
      }
      progress(`${round} of ${sent}`);
    }
    return [
      {
        kind: 'loss curve',
        title: TITLE,
        method:
          'Each contender, as PID 1 of a new PID namespace, gets one TERM this many milliseconds after the line that makes a ' +
          'shell execute it. TERM was received if it ended the contender.',
        delays: DELAYS,
        sent,
        rows: [...kept].map(([name, counts]) => ({ name, kept: counts })),
      },
    ];
  },
};

async function isReceived({ name, starting }: Contender, delay: number): Promise<boolean> {
  await using started = start([...AS_INIT, ...starting(APP)], ['pipe', 'pipe', 'ignore']);
  const { stdin, stdout } = started.child;
  if (stdin === null || stdout === null) throw new Error('internal error: no pipes to the shell');
  await soon(`the PID 1 that becomes ${name}`, once(stdout, 'data'));
  const [init] = childrenOf(started.pid);
  if (init === undefined) throw new Error(`cannot find the PID 1 that becomes ${name}`);
  stdin.on('error', () => {}).write('go\n');
  block(delay);
  process.kill(init, 'SIGTERM');
  return await Promise.race([started.exited.then(() => true), wait(LOST_AFTER).then(() => false)]);
}
