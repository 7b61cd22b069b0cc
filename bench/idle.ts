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

type Running = { readonly name: string; readonly port: number; readonly process: Started };

/** How often a contender is started: another process may take its port before it does. */
const ATTEMPTS = 3;
/** Milliseconds in which one that ends is asked why. */
const ASKED_FOR = 2_000;

/**
 * Starts them side by side and waits `settle` milliseconds; one that has ended by then is started again, and all have that
 * time once more. Throws, with its last lines, when one ends each time, and when its app does not run.
 */
export async function idle(wanted: readonly Idler[], settle: number): Promise<Idle> {
  // One that is wanted many times is that many.
  const idlers = wanted.map((idler) => ({ ...idler }));
  await using stack = new AsyncDisposableStack();
  const startIdler = async ({ name, contender }: Idler): Promise<Running> => {
    const port = await freePort();
    return { name, port, process: stack.use(start(contender(port).starting(appOn(port)), 'ignore')) };
  };
  const running = new Map<Idler, Running>();
  for (let attempt = 1; ; attempt += 1) {
    const missing = idlers.filter((idler) => !isAlive(running.get(idler)));
    if (missing.length === 0) break;
    if (attempt > ATTEMPTS) throw new Error(await whyItEnded(missing[0] as Idler));
    for (const idler of missing) running.set(idler, await startIdler(idler));
    await wait(settle);
  }
  const all = [...running.values()].map(({ name, port, process: { pid } }) => {
    const app = appOn(port).join(' ');
    const tree = treeOf(pid);
    if (!tree.some((each) => commandOf(each) === app)) throw new Error(`cannot measure ${name}: its app does not run`);
    return { name, pids: tree.filter((each) => commandOf(each) !== app) };
  });
  const kept = stack.move();
  return { all, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

function isAlive(running: Running | undefined): boolean {
  const child = running?.process.child;
  return child !== undefined && child.exitCode === null && child.signalCode === null;
}

/** Starts it once more and reads what it says. */
async function whyItEnded({ name, contender }: Idler): Promise<string> {
  const port = await freePort();
  await using asked = start(contender(port).starting(appOn(port)), ['ignore', 'pipe', 'pipe']);
  let said = '';
  for (const stream of [asked.child.stdout, asked.child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  await Promise.race([asked.exited, wait(ASKED_FOR)]);
  const lines = said.trim().split('\n').slice(-5).join('\n  ');
  return `cannot measure ${name}: it ended by itself, ${ATTEMPTS} times${lines === '' ? '' : `:\n  ${lines}`}`;
}

const appOn = (port: number): readonly string[] => [process.execPath, APP, String(port)];
