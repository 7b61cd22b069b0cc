import { APP, BARE_NODE, type Contender, freePort, k8sRun } from './contenders.ts';
import { commandOf, treeOf } from './kernel.ts';
import { ALL_OTHERS } from './peers.ts';
import { type Started, start, wait } from './processes.ts';

export const DEFAULT = 'k8s-run, default probes';
export const HTTP = 'k8s-run, HTTP probe every 1 s';

/** A supervisor whose app serves HTTP on a port. */
export type Idler = { readonly name: string; readonly contender: (port: number) => Contender };

export const IDLERS: readonly Idler[] = [
  { name: BARE_NODE.name, contender: () => BARE_NODE },
  { name: DEFAULT, contender: () => k8sRun(DEFAULT) },
  { name: HTTP, contender: (port) => k8sRun(HTTP, `--ready=http://127.0.0.1:${port}/`) },
  ...ALL_OTHERS.map((other) => ({ name: other.name, contender: () => other })),
];

/** Idle supervisors, with the processes of each, without its app. */
export type Idle = AsyncDisposable & {
  readonly all: readonly { readonly name: string; readonly pids: readonly number[] }[];
};

/** Starts them side by side and waits `settle` milliseconds. Throws when one has ended or its app does not run. */
export async function idle(idlers: readonly Idler[], settle: number): Promise<Idle> {
  await using stack = new AsyncDisposableStack();
  const started: { readonly name: string; readonly port: number; readonly process: Started }[] = [];
  for (const { name, contender } of idlers) {
    const port = await freePort();
    started.push({ name, port, process: stack.use(start(contender(port).starting(appOn(port)), 'ignore')) });
  }
  await wait(settle);
  const all = started.map(({ name, port, process: { child, pid } }) => {
    const gone = child.exitCode !== null || child.signalCode !== null;
    if (gone) throw new Error(`cannot measure ${name}: it ended by itself`);
    const app = appOn(port).join(' ');
    const tree = treeOf(pid);
    if (!tree.some((each) => commandOf(each) === app)) throw new Error(`cannot measure ${name}: its app does not run`);
    return { name, pids: tree.filter((each) => commandOf(each) !== app) };
  });
  const kept = stack.move();
  return { all, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

const appOn = (port: number): readonly string[] => [process.execPath, APP, String(port)];
