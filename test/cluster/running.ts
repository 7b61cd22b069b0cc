import { type Line, linesOf } from '../rig/supervised.ts';
import { apply, describePod, eventually, kube, podNow, podReady } from './cluster.ts';
import { type Following, follow } from './kubectl.ts';
import { type ContainerNow, type Manifest, NAMESPACE_WORDS, type PodNow, pod, type Terminated } from './manifests.ts';

/** A pod that runs, and what it says until it is gone. Disposing deletes it. */
export type Running = AsyncDisposable & {
  readonly name: string;
  readonly text: () => string;
  readonly lines: () => readonly Line[];
  readonly events: () => readonly string[];
  /** Waits for a line of k8s-run's log. */
  readonly line: (event: string, match?: (line: Line) => boolean) => Promise<Line>;
  readonly exec: (...command: readonly string[]) => Promise<string>;
  /** Deletes it as a user does, and waits for the end of its container. */
  readonly remove: (...words: readonly string[]) => Promise<void>;
};

/** Applies the pod and waits until it is ready. */
export async function startReady(name: string, spec: Manifest, container = 'app'): Promise<Running> {
  const running = await startPod(name, spec);
  try {
    await podReady(name);
    return { ...running, ...listen(name, container, running.remove) };
  } catch (error) {
    await running[Symbol.asyncDispose]();
    throw error;
  }
}

export async function startPod(name: string, spec: Manifest): Promise<{ remove: Running['remove'] } & AsyncDisposable> {
  await apply(pod(name, spec));
  const remove = async (...words: readonly string[]): Promise<void> => {
    await kube(['delete', 'pod', name, '--ignore-not-found', ...words]);
  };
  return { remove, [Symbol.asyncDispose]: () => remove('--grace-period=0', '--force', '--wait=false') };
}

/** Follows the log of a pod that is there. */
export function listen(name: string, container: string, remove?: Running['remove']): Running {
  const log: Following = follow([...NAMESPACE_WORDS, 'logs', '--follow', name, '--container', container]);
  const lines = (): readonly Line[] => linesOf(log.text());
  let isOver = false;
  void log.ended.then(() => {
    isOver = true;
  });
  const away = remove ?? (async () => {});
  return {
    name,
    text: log.text,
    lines,
    events: () => lines().map(({ event }) => event),
    line: (event, match = () => true) =>
      eventually(`${name} logs ${event}`, () => lines().find((line) => line.event === event && match(line)), log.text),
    exec: (...command) => kube(['exec', name, '--container', container, '--', ...command]),
    // The log ends with the container; that the API server forgets the pod may take long after that.
    remove: async (...words) => {
      await away('--wait=false', ...words);
      await eventually(`the end of ${name}`, () => isOver, log.text);
    },
    async [Symbol.asyncDispose]() {
      await away('--grace-period=0', '--force', '--wait=false');
      await log[Symbol.asyncDispose]();
    },
  };
}

/** Runs a pod to the end of its first container, and resolves with how it ended. */
export async function endOf(name: string, spec: Manifest, container = 'app'): Promise<Terminated & { log: string }> {
  await using _ = await startPod(name, { restartPolicy: 'Never', ...spec });
  const terminated = await eventually(
    `the end of ${container} in ${name}`,
    async () => statusOf(await podNow(name), container)?.state.terminated,
    describePod(name),
  );
  return { ...terminated, log: await kube(['logs', name, '--container', container]) };
}

/** How a container is that the kubelet starts again and again. */
export async function restarted(name: string, container = 'app'): Promise<{ last: Terminated; count: number }> {
  return eventually(
    `a restart of ${name}`,
    async () => {
      const status = statusOf(await podNow(name), container);
      const last = status?.lastState.terminated;
      return last !== undefined && { last, count: status?.restartCount ?? 0 };
    },
    describePod(name),
  );
}

export const statusOf = (pod: PodNow | null, container: string): ContainerNow | undefined =>
  [...(pod?.status?.containerStatuses ?? []), ...(pod?.status?.initContainerStatuses ?? [])].find(
    ({ name }) => name === container,
  );
