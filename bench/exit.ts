import { soon } from '../test/rig/deadline.ts';
import { BARE_NODE, type Contender, INSTALLED, k8sRun } from './contenders.ts';
import { alternate, type Measure } from './measure.ts';
import { pause, start } from './processes.ts';

const SUPERVISED = 'k8s-run';

/** Waits for the contender and notes the time at which it is gone; only the shell's own words are between. */
const STOPWATCH = ['bash', '-c', '"$@"; echo "$EPOCHREALTIME"', 'stopwatch'];
/** The app: told to, it notes the time and is gone. */
const APP = ['bash', '-c', 'read -r; echo "$EPOCHREALTIME"'];

/** Until a supervisor is up and has loaded what it loads late. */
const SETTLE = 700;

/** How long the container outlives its app. */
export const exit: Measure = {
  name: 'exit',
  async run(effort, progress) {
    // The app listens on nothing, so that `auto` would look for its port for ever.
    const contenders = [BARE_NODE, k8sRun(SUPERVISED, '--ready=process'), ...INSTALLED];
    return [
      {
        kind: 'comparison',
        title: 'Exit of the app → exit of the supervisor',
        method:
          `${SETTLE} ms after the start the app, a shell, prints the time and ends; the shell that waits for the ` +
          'supervisor prints the time.',
        unit: 'ms',
        yardstick: BARE_NODE.name,
        rows: await alternate(contenders, effort === 'full' ? 20 : 4, once, progress),
        targets: [],
      },
    ];
  },
};

async function once({ name, starting }: Contender): Promise<number> {
  await using started = start([...STOPWATCH, ...starting(APP)], ['pipe', 'pipe', 'ignore']);
  let output = '';
  started.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await pause(SETTLE);
  started.child.stdin?.on('error', () => {}).end('go\n');
  await soon(`the end of ${name}`, started.exited, () => output);
  const stamps = output.trim().split('\n');
  const [before, after] = stamps.map((stamp) => Number(stamp.replace(',', '.')));
  if (before === undefined || after === undefined) throw new Error(`cannot time ${name}: its app did not run`);
  return (after - before) * 1000;
}
