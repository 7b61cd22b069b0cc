import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../test/rig/deadline.ts';
import { BIN } from '../test/rig/supervised.ts';
import { BARE_NODE } from './contenders.ts';
import { alternate, type Measure } from './measure.ts';
import { start } from './processes.ts';
import { folder } from './scratch.ts';

const REHEARSE = 'k8s-run rehearse, until its first replica runs the app';

/** Writes the time of its start, with fractions of a second, and stays. */
const stamping = (file: string): readonly string[] => [
  'bash',
  '-c',
  'echo "$EPOCHREALTIME" >>"$0"; exec sleep 1000',
  file,
];

type Command = { readonly name: string; readonly starting: (app: readonly string[]) => readonly string[] };

const COMMANDS: readonly Command[] = [
  BARE_NODE,
  { name: REHEARSE, starting: (app) => [BIN, 'rehearse', '--', ...app] },
  // As long as the app would be without health: the same app under the supervisor itself.
  { name: 'k8s-run', starting: (app) => [BIN, '--health-port=0', '--', ...app] },
];

/** What a developer waits for before a rehearsal begins. */
export const commandStart: Measure = {
  name: 'command-start',
  async run(effort, progress) {
    const made = folder('command-start');
    let runs = 0;
    const once = async ({ name, starting }: Command): Promise<number> => {
      runs += 1;
      const file = join(made, String(runs));
      const from = Date.now();
      await using started = start(starting(stamping(file)), 'ignore');
      await until(`the app under ${name}`, () => {
        if (started.child.exitCode !== null) throw new Error(`cannot measure ${name}: it ended by itself`);
        return existsSync(file) && readFileSync(file, 'utf8').includes('\n');
      });
      const first = readFileSync(file, 'utf8').split('\n', 1)[0] ?? '';
      return Number(first.replace(',', '.')) * 1_000 - from;
    };
    return [
      {
        kind: 'comparison',
        title: 'From the command line to the app',
        method: 'From the fork to the first line of the app, a shell that writes the time.',
        unit: 'ms',
        yardstick: BARE_NODE.name,
        rows: await alternate(COMMANDS, effort === 'full' ? 10 : 3, once, progress),
        targets: [
          {
            row: REHEARSE,
            of: 'median',
            atMost: 1_000,
            madeOf: 'the start of rehearse, of a replica, and of k8s-run in it',
          },
        ],
      },
    ];
  },
};
