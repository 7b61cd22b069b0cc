import { withAppVariables } from '../src/node-drain/app-variables.ts';
import { alternate, type Measure, type Samples } from './measure.ts';
import { ENVIRONMENT, start } from './processes.ts';

const PRELOAD = new URL('../dist/later/node-drain.js', import.meta.url).pathname;
/** As k8s-run sets them. Nobody listens there: an app opens the socket with its first request. */
const WITH_PRELOAD = withAppVariables(ENVIRONMENT, {
  address: '@k8s-run-0123456789abcdef-9',
  nodeDrain: true,
  preload: PRELOAD,
});

type App = { readonly name: string; readonly words: readonly string[] };
type Run = App & { readonly environment: NodeJS.ProcessEnv };

const NOTHING: App = { name: 'node -e 0', words: ['-e', '0'] };
const SERVER: App = {
  name: 'an HTTP server that listens',
  words: ['-e', 'require("node:http").createServer().listen(0, () => process.exit())'],
};

const withPreload = (name: string): string => `${name}, with the preload`;

/** The time by which the preload of `--node-drain` delays the start of a Node app. */
export const preload: Measure = {
  name: 'node-drain',
  async run(effort, progress) {
    const rounds = effort === 'full' ? 40 : 8;
    // App by app, so that what is compared runs back to back.
    const rows = [
      ...(await alternate(pairOf(NOTHING), rounds, once, progress)),
      ...(await alternate(pairOf(SERVER), rounds, once, progress)),
    ];
    const added = [NOTHING, SERVER].map(({ name }) => ({ name, values: differences(rows, name) }));
    const common = { kind: 'comparison', unit: 'ms' } as const;
    return [
      {
        ...common,
        title: 'Start of a Node app with --node-drain',
        method: 'From the fork to the exit of node, with NODE_OPTIONS and K8S_RUN_EVENTS as k8s-run sets them.',
        yardstick: NOTHING.name,
        rows,
        targets: [],
      },
      {
        ...common,
        title: 'Added to the start by --node-drain',
        method:
          'The difference with the preload and without, in each round of the table above. The preload loads net, which a ' +
          'server loads anyway.',
        yardstick: null,
        rows: added,
        targets: added.map(({ name }) => ({ row: name, of: 'median', atMost: 5, madeOf: 'the module net' }) as const),
      },
    ];
  },
};

function pairOf(app: App): readonly Run[] {
  return [
    { ...app, environment: ENVIRONMENT },
    { ...app, name: withPreload(app.name), environment: WITH_PRELOAD },
  ];
}

function differences(rows: readonly Samples[], name: string): readonly number[] {
  const valuesOf = (wanted: string): readonly number[] => rows.find((row) => row.name === wanted)?.values ?? [];
  const without = valuesOf(name);
  return valuesOf(withPreload(name)).map((value, round) => value - (without[round] ?? Number.NaN));
}

async function once({ name, words, environment }: Run): Promise<number> {
  const from = performance.now();
  await using node = start([process.execPath, ...words], 'ignore', environment);
  await node.exited;
  if (node.child.exitCode !== 0) throw new Error(`cannot time ${name}: exit code ${node.child.exitCode}`);
  return performance.now() - from;
}
