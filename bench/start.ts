import { BARE_NODE, BARE_NODE_CJS, type Contender, inFolder, k8sRun } from './contenders.ts';
import { alternate, type Measure } from './measure.ts';
import { ALL_OTHERS } from './peers.ts';
import { linesOf } from './processes.ts';

const ON = 'k8s-run';
const OFF = 'k8s-run, health port off';
const FOLDER = 'k8s-run, portable folder';

/** Notes the time and becomes the contender: no fork between the stamp and the exec, and no clock but the app's. */
const STOPWATCH = ['bash', '-c', 'echo "$EPOCHREALTIME"; exec "$@"', 'stopwatch'];
/** The app: about the cheapest program that tells the time better than to the second. */
const APP = ['date', '+%s.%N'];

/** Some supervisors talk where the app does. */
const IS_STAMP = /^\d+[.,]\d+$/;

const OWN_CODE = 'what bare node does not load: the entry, the options, the state machine';

/** How much later the app starts than it would by itself. */
export const start: Measure = {
  name: 'start',
  async run(effort, progress) {
    const folder = inFolder(FOLDER);
    const contenders = [
      BARE_NODE,
      BARE_NODE_CJS,
      k8sRun(ON),
      k8sRun(OFF, '--health-port=off'),
      ...folder,
      ...ALL_OTHERS,
    ];
    return [
      {
        kind: 'comparison',
        title: 'Exec of the supervisor → exec of the app',
        method:
          'bash prints the time and execs the contender; the app is `date`, which prints the time. The start of `date` ' +
          'itself is in every row. s6 and supervisord start the app through a shell script of one line, which is how they are told of it.',
        unit: 'ms',
        yardstick: BARE_NODE.name,
        rows: await alternate(contenders, effort === 'full' ? 40 : 8, once, progress),
        plot: 'start',
        targets: [
          {
            row: ON,
            of: 'ratio',
            atMost: 1.4,
            madeOf: `${OWN_CODE} and Node's \`net\`, with which the health port is bound`,
          },
          { row: OFF, of: 'ratio', atMost: 1.4, madeOf: OWN_CODE },
          ...folder.map(({ name }) => ({ row: name, of: 'ratio', atMost: 1.2, madeOf: OWN_CODE }) as const),
        ],
      },
    ];
  },
};

async function once({ name, starting }: Contender): Promise<number> {
  const stamps = await linesOf([...STOPWATCH, ...starting(APP)], 2, IS_STAMP);
  const [before, after] = stamps.map((stamp) => Number(stamp.replace(',', '.')));
  if (before === undefined || after === undefined) throw new Error(`cannot time ${name}: its app did not run`);
  return (after - before) * 1000;
}
