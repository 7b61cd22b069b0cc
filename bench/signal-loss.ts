import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { soon } from '../test/rig/deadline.ts';
import { BARE_HANDLER, type Contender, INITS, k8sRun } from './contenders.ts';
import { childrenOf } from './kernel.ts';
import type { Measure } from './measure.ts';
import { standStill, start, wait } from './processes.ts';

const TITLE = 'TERM to a PID 1 that has just been started';
const DELAYS = [1, 5, 10, 20, 30, 40, 60, 80];
const APP = ['sleep', '60'];

const WAIT_FOR_A_WORD = 'echo up; read -r && exec "$@"';
const IN_NAMESPACE = ['unshare', '--pid', '--fork', '--mount-proc'] as const;
/** PID 1 of a PID namespace of its own, which waits for a word before it becomes the contender. */
const AS_INIT = [...IN_NAMESPACE, 'bash', '-c', WAIT_FOR_A_WORD, 'init'];
/** A TERM that was kept ends each contender long before; after this it counts as lost. */
const PATIENCE = 1_000;

/** From when on no TERM is lost: the kernel drops one that PID 1 has no handler for. */
export const signalLoss: Measure = {
  name: 'signal-loss',
  async run(effort, progress) {
    if (spawnSync(IN_NAMESPACE[0], [...IN_NAMESPACE.slice(1), 'true']).status !== 0) {
      return [{ kind: 'omission', title: TITLE, reason: 'unshare(1) cannot make a PID namespace, which takes root' }];
    }
    const sent = effort === 'full' ? 10 : 2;
    const contenders = [BARE_HANDLER, k8sRun('k8s-run'), ...INITS];
    const kept = new Map(contenders.map(({ name }) => [name, DELAYS.map(() => 0)]));
    for (let round = 1; round <= sent; round += 1) {
      for (const [index, delay] of DELAYS.entries()) {
        for (const contender of contenders) {
          const counts = kept.get(contender.name) ?? [];
          if (await isKept(contender, delay)) counts[index] = (counts[index] ?? 0) + 1;
        }
      }
      progress(`${round} of ${sent}`);
    }
    return [
      {
        kind: 'loss curve',
        title: TITLE,
        method:
          'Each contender as PID 1 of a new PID namespace, sent one TERM so many milliseconds after it was told to exec; ' +
          'kept, if it ended the contender.',
        delays: DELAYS,
        sent,
        rows: [...kept].map(([name, counts]) => ({ name, kept: counts })),
      },
    ];
  },
};

async function isKept({ name, starting }: Contender, delay: number): Promise<boolean> {
  await using started = start([...AS_INIT, ...starting(APP)], ['pipe', 'pipe', 'ignore']);
  const { stdin, stdout } = started.child;
  if (stdin === null || stdout === null) throw new Error('internal error: no pipes to the shell');
  await soon(`the PID 1 that becomes ${name}`, once(stdout, 'data'));
  const [init] = childrenOf(started.pid);
  if (init === undefined) throw new Error(`cannot find the PID 1 that becomes ${name}`);
  stdin.on('error', () => {}).write('go\n');
  standStill(delay);
  process.kill(init, 'SIGTERM');
  return await Promise.race([started.exited.then(() => true), wait(PATIENCE).then(() => false)]);
}
