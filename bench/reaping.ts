import { spawnSync } from 'node:child_process';
import { type Contender, INITS, k8sRun } from './contenders.ts';
import { alternate, type Measure } from './measure.ts';
import { peer } from './peers.ts';
import { linesOf } from './processes.ts';

const TITLE = 'A thousand orphans, from the first fork to the last one reaped, as PID 1';
const IN_NAMESPACE = ['unshare', '--pid', '--fork', '--mount-proc'] as const;
const ORPHANS = 1_000;

/** Creates orphans that end at once, then polls until no zombie is left; prints the times of the first fork and of the end. */
const APP = [
  'bash',
  '-c',
  `begin=$EPOCHREALTIME
   for ((n = 0; n < ${ORPHANS}; n++)); do (: &); done
   while grep -qs '^State:.Z' /proc/[0-9]*/status; do :; done
   echo "$begin $EPOCHREALTIME"`,
];

/** How fast PID 1 reaps orphans. Every row includes the time of the forks. */
export const reaping: Measure = {
  name: 'reaping',
  async run(effort, progress) {
    if (spawnSync(IN_NAMESPACE[0], [...IN_NAMESPACE.slice(1), 'true']).status !== 0) {
      return [{ kind: 'omission', title: TITLE, reason: 'unshare(1) cannot create a PID namespace; run as root' }];
    }
    const contenders = [k8sRun('k8s-run', '--ready=process'), ...INITS, ...peer('s6'), ...peer('supervisord')];
    return [
      {
        kind: 'comparison',
        title: TITLE,
        method:
          `The app is a bash that creates ${ORPHANS} orphans, one after the other, and then polls until no zombie is left. ` +
          'Every row includes the forks, and they are most of it: a contender that wakes up less often leaves more of the ' +
          'CPU to them. Bare node and pm2-runtime are missing: they reap no orphans, so the app would poll forever.',
        unit: 'ms',
        yardstick: INITS[0]?.name ?? null,
        rows: await alternate(contenders, effort === 'full' ? 10 : 2, once, progress),
        plot: 'reaping',
        targets: [],
      },
    ];
  },
};

async function once({ name, starting }: Contender): Promise<number> {
  const [line = ''] = await linesOf([...IN_NAMESPACE, ...starting(APP)], 1, /^\d+[.,]\d+ \d/);
  const stamps = line.split(' ');
  const [begun, ended] = stamps.map((stamp) => Number(stamp.replace(',', '.')));
  if (begun === undefined || ended === undefined) throw new Error(`cannot time ${name}: its app did not run`);
  return (ended - begun) * 1000;
}
