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

/** Waits for the contender and prints the time of its end, with builtins only. */
const STOPWATCH = ['bash', '-c', '"$@"; echo "$EPOCHREALTIME"', 'stopwatch'];
/** The app: prints the time and exits on a line in a named pipe, for not every contender passes its stdin on. */
const APP = ['bash', '-c', 'exec 3<>"$1"; echo up; read -r <&3; echo "$EPOCHREALTIME"', 'app'];

/** Until a supervisor is up and has loaded its late modules. */
const SETTLE = 700;

/** The time from the end of the app to the end of the container. */
export const exit: Measure = {
  name: 'exit',
  async run(effort, progress) {
    // The app listens on no port, so `auto` would look for its port forever.
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
          'supervisor prints the time. supervisord is missing: it does not end with its app. s6 is ended by its finish ' +
          'script, as in s6-overlay.',
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
  const pipe = join(folder('exit'), 'pipe');
  spawnSync('mkfifo', [pipe]);
  await using started = start([...STOPWATCH, ...starting([...APP, pipe])], ['ignore', 'pipe', 'ignore']);
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
  await soon(`the app of ${name}`, writeFile(pipe, 'go\n'), () => output);
  await soon(`the end of ${name}`, started.exited, () => output);
  // Some supervisors write to the same stream as the app.
  const stamps = output.split('\n').filter((line) => /^\d+[.,]\d+$/.test(line));
  const [before, after] = stamps.map((stamp) => Number(stamp.replace(',', '.')));
  if (before === undefined || after === undefined) throw new Error(`cannot time ${name}: its app did not run`);
  return (after - before) * 1000;
}
