import { BARE_NODE, BARE_NODE_CJS, type Contender, inFolder, k8sRun } from './contenders.ts';
import { alternate, type Measure } from './measure.ts';
import { ALL_OTHERS } from './peers.ts';
import { linesOf } from './processes.ts';

const ON = 'k8s-run';
const OFF = 'k8s-run, health port off';
const FOLDER = 'k8s-run, portable folder';

/** Prints the time and executes the contender, without a fork in between. */
const STOPWATCH = ['bash', '-c', 'echo "$EPOCHREALTIME"; exec "$@"', 'stopwatch'];
/** The app: a cheap program that prints the time with fractions of a second. */
const APP = ['date', '+%s.%N'];

/** Some supervisors write to the same stream as the app. */
const IS_STAMP = /^\d+[.,]\d+$/;

const OWN_CODE = 'modules that bare node does not load: the entry, the options, the state machine';

/** The time by which a supervisor delays the start of the app. */
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
          'bash prints the time and executes the contender; the app is `date`, which prints the time. Every row includes the ' +
          'start of `date`. s6 and supervisord start the app through a shell script of one line.',
        unit: 'ms',
        yardstick: BARE_NODE.name,
        rows: await alternate(contenders, effort === 'full' ? 40 : 8, once, progress),
        plot: 'start',
        targets: [
          {
            row: ON,
            of: 'ratio',
            atMost: 1.4,
            madeOf: `${OWN_CODE}, and Node's \`net\`, which binds the health port`,
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
