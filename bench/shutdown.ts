import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../test/rig/deadline.ts';
import { BARE_NODE, type Contender, k8sRun } from './contenders.ts';
import { alternate, type Measure } from './measure.ts';
import { ALL_OTHERS } from './peers.ts';
import { start, wait } from './processes.ts';
import { folder } from './scratch.ts';

/** Not `k8s-run` alone: by default it has a delay here, which is what it is for. */
const AT_ONCE = 'k8s-run, no delay';
const SETTLE = 700;

/** The app: told to stop, it notes the time. A shell takes a trap only between commands, so it waits for a child. */
const APP = [
  'bash',
  '-c',
  `trap 'echo "$EPOCHREALTIME" >>"$1"; kill %1; exit 0' TERM INT; sleep 60 & echo up >>"$1"; wait`,
  'app',
];
/** Notes the time and sends the signal, both without a fork. */
const SENDER = ['bash', '-c', 'echo "$EPOCHREALTIME"; kill -TERM "$0"'];

/** How long a stop signal takes through the supervisor. */
export const shutdown: Measure = {
  name: 'shutdown',
  async run(effort, progress) {
    const contenders = [k8sRun(AT_ONCE, '--ready=process', '--shutdown-delay=0'), ...ALL_OTHERS];
    return [
      {
        kind: 'comparison',
        title: 'SIGTERM to the supervisor → SIGTERM in the app',
        method:
          'A shell prints the time and sends TERM; the app, a shell, writes the time in its trap (pm2-runtime sends INT), whose start is in every ' +
          `row. k8s-run without its delay of 5 s, which by default stands between the two. ${BARE_NODE.name} is not ` +
          'here: it hands on no signal.',
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
