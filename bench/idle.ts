import { APP, BARE_NODE, type Contender, freePort, INSTALLED, k8sRun } from './contenders.ts';
import { pause, type Started, start } from './processes.ts';

export const DEFAULT = 'k8s-run, default probes';
export const HTTP = 'k8s-run, HTTP probe every 1 s';
export const IDLE_ROWS: readonly string[] = [HTTP, DEFAULT];

/** Supervisors with nothing to do, each above an app that serves HTTP. */
export type Idlers = AsyncDisposable & { readonly pids: ReadonlyMap<string, number> };

/**
 * Starts all contenders side by side, so that they sit out the same seconds, and leaves them alone for `settle`
 * milliseconds.
 */
export async function idlers(settle: number): Promise<Idlers> {
  const contenders: readonly ((port: number) => Contender)[] = [
    () => BARE_NODE,
    () => k8sRun(DEFAULT),
    (port) => k8sRun(HTTP, `--ready=http://127.0.0.1:${port}/`),
    ...INSTALLED.map((init) => () => init),
  ];
  await using all = new AsyncDisposableStack();
  const started = new Map<string, Started>();
  for (const contender of contenders) {
    const port = await freePort();
    const { name, starting } = contender(port);
    started.set(name, all.use(start(starting([process.execPath, APP, String(port)]), 'ignore')));
  }
  await pause(settle);
  for (const [name, { child }] of started) {
    const gone = child.exitCode !== null || child.signalCode !== null;
    if (gone) throw new Error(`cannot measure ${name}: it ended by itself`);
  }
  const kept = all.move();
  return {
    pids: new Map([...started].map(([name, { pid }]) => [name, pid])),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
