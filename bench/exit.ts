import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { soon, until } from '../test/rig/deadline.ts';
import { BARE_NODE, type Contender, INITS, k8sRun } from './contenders.ts';
import { alternate, type Measure } from './measure.ts';
import { peer } from './peers.ts';
import { start, wait } from './processes.ts';
import { folder } from './scratch.ts';

const SUPERVISED = 'k8s-run';

/** Waits for the contender and notes the time at which it is gone; only the shell's own words are between. */
const STOPWATCH = ['bash', '-c', '"$@"; echo "$EPOCHREALTIME"', 'stopwatch'];
/** The app: told to, through a named pipe because not everyone hands on its stdin, it notes the time and is gone. */
const APP = ['bash', '-c', 'exec 3<>"$1"; echo up; read -r <&3; echo "$EPOCHREALTIME"', 'app'];

/** Until a supervisor is up and has loaded what it loads late. */
const SETTLE = 700;

/** How long the container outlives its app. */
export const exit: Measure = {
  name: 'exit',
  async run(effort, progress) {
    // The app listens on nothing, so that `auto` would look for its port for ever.
    const contenders = [
      BARE_NODE,
      k8sRun(SUPERVISED, '--ready=process'),
      ...INITS,
      ...peer('s6'),
      ...peer('pm2-runtime'),
    ];
    return [
      {
        kind: 'comparison',
        title: 'Exit of the app → exit of the supervisor',
        method:
          `${SETTLE} ms after its start the app, a shell, prints the time and ends; the shell that waits for the ` +
          'supervisor prints the time. supervisord is not here: it does not end with its app. s6 ends by what its finish ' +
          'script asks for, as it does in s6-overlay.',
        unit: 'ms',
        yardstick: BARE_NODE.name,
        rows: await alternate(contenders, effort === 'full' ? 10 : 3, once, progress),
        plot: 'exit',
        targets: [],
      },
    ];
  },
};

async function once({ name, starting }: Contender): Promise<number> {
  const word = join(folder('exit'), 'word');
  spawnSync('mkfifo', [word]);
  await using started = start([...STOPWATCH, ...starting([...APP, word])], ['ignore', 'pipe', 'ignore']);
  let output = '';
  started.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await until(
    `the app of ${name}`,
    () => /^up$/m.test(output),
    () => output,
  );
  await wait(SETTLE);
  await soon(`the app of ${name}`, writeFile(word, 'go\n'), () => output);
  await soon(`the end of ${name}`, started.exited, () => output);
  // Some supervisors talk where the app does.
  const stamps = output.split('\n').filter((line) => /^\d+[.,]\d+$/.test(line));
  const [before, after] = stamps.map((stamp) => Number(stamp.replace(',', '.')));
  if (before === undefined || after === undefined) throw new Error(`cannot time ${name}: its app did not run`);
  return (after - before) * 1000;
}
