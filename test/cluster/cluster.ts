import { kubectl, kubectlNow } from './kubectl.ts';
import { type Manifest, NAMESPACE, NAMESPACE_WORDS, type PodNow } from './manifests.ts';

/** Generous, for pulling, scheduling and probing take their time on a small node. */
const DEADLINE = 120_000;
const LOOK_EVERY = 500;
/** As a shell has it after SIGINT. */
const INTERRUPTED = 130;

/** kubectl in the namespace of the run. */
export const kube = (words: readonly string[], input?: string): Promise<string> =>
  kubectl([...NAMESPACE_WORDS, ...words], input);

export const apply = (...manifests: readonly Manifest[]): Promise<string> =>
  kube(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }));

export type Version = { readonly git: string; readonly minor: number };

/** Makes the namespace; its end is that of the process, however that comes, if `closeNamespace` has not been called. */
export async function openNamespace(): Promise<void> {
  process.once('exit', removeNow);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Not once: who presses Ctrl-C again must not keep the cluster from being left as it was.
    process.on(signal, () => leave(`Received ${signal}`, INTERRUPTED));
  }
  await createNamespace(NAMESPACE, 'restricted');
}

/** `standard`: of the Pod Security Standards, to which the cluster holds all pods of it where it can (KEP-2579, since 1.23). */
function createNamespace(name: string, standard: 'restricted' | 'privileged'): Promise<string> {
  const labels = { 'pod-security.kubernetes.io/enforce': standard };
  const manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
  return kubectl(['create', '-f', '-'], JSON.stringify(manifest));
}

/** A second namespace for what the first does not allow. Disposing deletes it; the end of the run does so too. */
export async function oweNamespace(name: string, standard: 'privileged'): Promise<AsyncDisposable> {
  const away = ['delete', 'namespace', name, '--wait=false', '--ignore-not-found'];
  const paid = owe(away);
  await createNamespace(name, standard);
  return {
    async [Symbol.asyncDispose]() {
      await kubectl(away);
      paid();
    },
  };
}

/** Ends the run here and now, with the cluster as it was before. */
export function leave(why: string, code: number): never {
  process.stderr.write(`\n${why}: removing what this run has made on the cluster\n`);
  process.off('exit', removeNow);
  removeNow();
  process.exit(code);
}

const atTheEnd = new Set<readonly string[]>();

/** A command of kubectl that must have run when this process ends, whatever happens; the result takes it back. */
export function owe(words: readonly string[]): () => void {
  atTheEnd.add(words);
  return () => void atTheEnd.delete(words);
}

function removeNow(): void {
  for (const words of atTheEnd) kubectlNow(words);
  atTheEnd.clear();
  kubectlNow(['delete', 'namespace', NAMESPACE, '--wait=false', '--ignore-not-found']);
}

export async function closeNamespace(): Promise<void> {
  await kube(['delete', 'pods', '--all', '--grace-period=0', '--force']).catch(() => {});
  await kubectl(['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--timeout=90s']);
  process.off('exit', removeNow);
}

/** The oldest of the kubelets: what a pod may ask for depends on it, and no API server is older. */
export async function kubernetesVersion(): Promise<Version> {
  const words = ['get', 'nodes', '-o', 'jsonpath={.items[*].status.nodeInfo.kubeletVersion}'];
  const versions = (await kubectl(words))
    .split(' ')
    .map((git) => ({ git, minor: Number(/^v1\.(\d+)\./.exec(git)?.[1]) }));
  const [oldest] = versions.sort((one, other) => one.minor - other.minor);
  if (oldest === undefined || Number.isNaN(oldest.minor)) throw new Error('the nodes do not tell their version');
  return oldest;
}

/** Waits until `look` gives something other than undefined, null or false, and says what was awaited if it does not. */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  transcript: () => string | Promise<string> = () => '',
): Promise<Exclude<T, undefined | null | false>> {
  const end = performance.now() + DEADLINE;
  for (;;) {
    // An API server that is busy for a moment says no; only at the end that is what is told.
    const seen = await Promise.resolve()
      .then(look)
      .catch((error: Error) => error);
    const isThere = seen !== undefined && seen !== null && seen !== false && !(seen instanceof Error);
    if (isThere) return seen as Exclude<T, undefined | null | false>;
    if (performance.now() > end) {
      const refusal = seen instanceof Error ? `: ${seen.message}` : '';
      throw new Error(`not in ${DEADLINE / 1_000} s: ${what}${refusal}\n${await transcript()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
}

/** A pod as the API server has it; null when it is gone. */
export async function podNow(name: string): Promise<PodNow | null> {
  const text = await kube(['get', 'pod', name, '--ignore-not-found', '-o', 'json']);
  return text === '' ? null : (JSON.parse(text) as PodNow);
}

export async function podsWith(selector: string): Promise<readonly PodNow[]> {
  return (JSON.parse(await kube(['get', 'pods', '-l', selector, '-o', 'json'])) as { items: PodNow[] }).items;
}

/** Those of an app of this suite's own manifests. */
export const podsOf = (app: string): Promise<readonly PodNow[]> => podsWith(`app=${app}`);

export const isReady = (pod: PodNow | null): boolean =>
  pod?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;

/** Whether nothing of the pod runs any more. The API server may forget it half a minute later only. */
export const isOver = ({ metadata, status }: PodNow): boolean =>
  metadata.deletionTimestamp !== undefined &&
  (status?.containerStatuses ?? []).every(({ state }) => state.running === undefined);

/** Waits until nothing runs any more of the pods with a label that have these names. */
export const allOver = (selector: string, names: readonly string[]): Promise<unknown> =>
  eventually(`${names.join(', ')} are over`, async () =>
    (await podsWith(selector)).every((pod) => !names.includes(pod.metadata.name) || isOver(pod)),
  );

/** Describes the pod for a failure's report. */
export const describePod = (name: string) => async (): Promise<string> => {
  const output = (words: readonly string[]): Promise<string> => kube(words).catch((error: Error) => error.message);
  // A container that has not begun has no log, and then the events in the description tell why.
  return `${(await output(['describe', 'pod', name])).slice(-6_000)}\n${await output(['logs', name, '--all-containers', '--tail=60'])}`;
};

export const podReady = (name: string): Promise<PodNow> =>
  eventually(
    `${name} is ready`,
    async () => {
      const pod = await podNow(name);
      return isReady(pod) && pod;
    },
    describePod(name),
  );
