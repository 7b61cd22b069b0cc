import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../test/rig/deadline.ts';
import { BARE_NODE, type Contender, k8sRun } from './contenders.ts';
import { alternate, type Measure } from './measure.ts';
import { ALL_OTHERS } from './peers.ts';
import { start, wait } from './processes.ts';
import { folder } from './scratch.ts';

/** Without the delay that k8s-run has by default between the two signals. */
const AT_ONCE = 'k8s-run, no delay';
const SETTLE = 700;

/** The app: writes the time when it is stopped. A shell runs a trap only between commands or during `wait`. */
const APP = [
  'bash',
  '-c',
  `trap 'echo "$EPOCHREALTIME" >>"$1"; kill %1; exit 0' TERM INT; sleep 60 & echo up >>"$1"; wait`,
  'app',
];
/** Prints the time and sends the signal, both without a fork. */
const SENDER = ['bash', '-c', 'echo "$EPOCHREALTIME"; kill -TERM "$0"'];

/** The time that a stop signal takes through the supervisor. */
export const shutdown: Measure = {
  name: 'shutdown',
  async run(effort, progress) {
    const contenders = [k8sRun(AT_ONCE, '--ready=process', '--shutdown-delay=0'), ...ALL_OTHERS];
    return [
      {
        kind: 'comparison',
        title: 'SIGTERM to the supervisor → SIGTERM in the app',
        method:
          'A shell prints the time and sends TERM; the app, a shell, writes the time in its trap (pm2-runtime sends INT). Every ' +
          `row includes the start of the trap. k8s-run runs without its default delay of 5 s. ${BARE_NODE.name} is ` +
          'missing: it passes no signals on.',
        unit: 'ms',
        yardstick: ALL_OTHERS[0]?.name ?? null,
        rows: await alternate(contenders, effort === 'full' ? 20 : 3, once, progress),
        targets: [],
        plot: 'shutdown',
      },
    ];
  },
};

async function once({ name, starting }: Contender): Promise<number> {
  const notes = join(folder('shutdown'), 'notes');
  const written = (): readonly string[] => {
    try {
      return readFileSync(notes, 'utf8').trim().split('\n');
    } catch {
      return [];
    }
  };
  await using started = start(starting([...APP, notes]), 'ignore');
  await until(`the app of ${name}`, () => written().length > 0);
  await wait(SETTLE);
  const [shell = '', ...args] = SENDER;
  const { stdout } = spawnSync(shell, [...args, String(started.pid)], { encoding: 'utf8' });
  const after = await until(`TERM in the app of ${name}`, () => written()[1]);
  return (Number(after.replace(',', '.')) - Number(stdout.trim().replace(',', '.'))) * 1000;
}
