import { connect } from 'node:net';
import { cpuLimit, type Group, makeGroup } from './cgroup.ts';
import { type Contender, freePort, INITS, k8sRun } from './contenders.ts';
import type { Measure, Samples } from './measure.ts';
import { start, wait } from './processes.ts';

const TITLE = 'Time to ready of an app that starts slowly under a limit of 0.2 CPU';
const LIMIT = 0.2;
/** Seconds of CPU time until the app listens; under the limit 20 s, as a JVM with a framework takes. */
const CPU = { full: 4, quick: 1 } as const;
/** Milliseconds between two attempts to connect, from outside of the group. */
const LOOK = 20;

const ALONE = 'the app alone';
const AUTO = 'k8s-run, default probes';

/** Burns CPU time of its own, then listens: what a supervisor takes away makes it later. */
const SLOW_APP = `const [port, seconds] = process.argv.slice(1).map(Number);
while (process.cpuUsage().user + process.cpuUsage().system < seconds * 1e6) for (let i = 0; i < 1e6; i += 1);
require('node:http').createServer((_, answer) => answer.end()).listen(port, '127.0.0.1');`;

type Kind = { readonly name: string; readonly contender: (port: number) => Contender };

const KINDS: readonly Kind[] = [
  { name: ALONE, contender: () => ({ name: ALONE, starting: (app) => app }) },
  ...INITS.filter(({ name }) => name === 'tini').map((init) => ({ name: init.name, contender: () => init })),
  { name: AUTO, contender: () => k8sRun(AUTO) },
  {
    name: 'k8s-run, HTTP probe every 1 s',
    contender: (port) => k8sRun('', `--ready=http://127.0.0.1:${port}/`),
  },
  {
    name: 'k8s-run, exec probe every 10 s',
    contender: (port) =>
      k8sRun('', `--ready=exec:bash -c '</dev/tcp/127.0.0.1/${port}'`, '--probe-period=10s', '--probe-timeout=5s'),
  },
];

/** What probing takes away from an app that needs all of its CPU to start. */
export const slowStart: Measure = {
  name: 'slow-start',
  async run(effort, progress) {
    const rounds = effort === 'full' ? 3 : 1;
    const values = new Map<string, number[]>();
    for (let round = 1; round <= rounds; round += 1) {
      // Side by side: together they may take less than the machine has.
      const seen = await Promise.all(KINDS.map((kind) => once(kind, CPU[effort])));
      for (const each of seen) {
        if ('missing' in each) return [{ kind: 'omission', title: TITLE, reason: each.missing }];
        values.set(each.name, [...(values.get(each.name) ?? []), ...each.values]);
      }
      progress(`${round} of ${rounds}`);
    }
    return [
      {
        kind: 'comparison',
        title: TITLE,
        method:
          `Supervisor and app in one CPU cgroup with 20 ms in each 100 ms; the app burns ${CPU[effort]} s of CPU time and then ` +
          'listens. From the exec of the supervisor to the first connection that is accepted, looked for from outside.',
        unit: 'ms',
        yardstick: ALONE,
        rows: [...values].map(([name, each]): Samples => ({ name, values: each })),
        targets: [
          { row: AUTO, of: 'ratio', atMost: 1.05, madeOf: 'the start of Node, and the looks for listening sockets' },
        ],
      },
    ];
  },
};

async function once({ name, contender }: Kind, seconds: number): Promise<Samples | { readonly missing: string }> {
  const group = makeGroup('cpu', cpuLimit(LIMIT));
  if ('missing' in group) return group;
  await using _group = group;
  const port = await freePort();
  const app = [process.execPath, '-e', SLOW_APP, String(port), String(seconds)];
  return { name, values: [await timeToReady(group, contender(port).starting(app), port)] };
}

async function timeToReady(group: Group, command: readonly string[], port: number): Promise<number> {
  const from = performance.now();
  await using started = start(group.inside(command), 'ignore');
  while (!(await accepts(port))) {
    if (started.child.exitCode !== null) throw new Error(`cannot measure ${command[0]}: it ended by itself`);
    await wait(LOOK);
  }
  return performance.now() - from;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
      .once('connect', () => {
        socket.destroy();
        resolve(true);
      })
      .once('error', () => resolve(false));
  });
}
