import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../rig/deadline.ts';
import { needs } from '../rig/needs.ts';
import { cleanEnvironment, type Line, linesOf } from '../rig/supervised.ts';

const here = (path: string): string => new URL(path, import.meta.url).pathname;
const run = promisify(execFile);

/** All that this run makes begins with this name, and is removed by it. */
export const PREFIX: string = `k8s-run-test-${randomBytes(4).toString('hex')}`;
export const IMAGE: string = `localhost/${PREFIX}:1`;
const ENV: NodeJS.ProcessEnv = { ...cleanEnvironment(), CONTAINERS_CONF: here('./containers.conf') };
/** For a podman that somebody else starts. */
export const podmanEnvironment: Readonly<Record<string, string>> = { CONTAINERS_CONF: here('./containers.conf') };
const PROGRAMS = ['sh', 'sleep', 'setsid'] as const;

/** For `skip` of node:test: false, or why there can be no container. */
export function noContainers(): string | false {
  if (process.getuid?.() !== 0) return 'making containers from a root folder of ours takes root';
  return needs('podman', 'runc', 'netavark');
}

export const podman = (...words: readonly string[]): Promise<{ stdout: string; stderr: string }> =>
  run('podman', words, { env: ENV });

/** Makes the image of node, a few programs and k8s-run as it is built. */
export function makeImage(): void {
  importRoot(IMAGE, PROGRAMS, () => {});
}

/** An image of node, these programs and k8s-run, and of what else is put into its root. */
export function importRoot(image: string, programs: readonly string[], fill: (root: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}-`));
  try {
    const root = join(folder, 'root');
    const words = [root, process.execPath, here('../..'), ...programs];
    execFileSync(here('./root.sh'), words, { stdio: ['ignore', 'ignore', 'inherit'] });
    fill(root);
    execFileSync('tar', ['-C', root, '-cf', join(folder, 'root.tar'), '.']);
    execFileSync('podman', ['import', '--quiet', join(folder, 'root.tar'), image], { env: ENV, stdio: 'ignore' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function removeImage(): Promise<void> {
  await podman('rmi', '--force', IMAGE);
}

/** A container with k8s-run as its process 1. Disposing removes it. */
export type Container = AsyncDisposable & {
  readonly name: string;
  readonly client: ChildProcess;
  readonly output: () => string;
  readonly lines: () => readonly Line[];
  readonly line: (event: string) => Promise<Line>;
  /** The exit code as the runtime tells it. */
  readonly code: () => Promise<number>;
  /** What a command in it prints, as `kubectl exec` would. */
  readonly exec: (...command: readonly string[]) => Promise<string>;
};

let made = 0;

/** `k8s-run <options> -- <command>` in a container of the image of `makeImage`. */
export function startContainer(
  limits: readonly string[],
  options: readonly string[],
  command: readonly string[],
): Container {
  const program = ['node', '/opt/k8s-run/bin/k8s-run.js', '--log-format', 'json', ...options, '--', ...command];
  return runImage(IMAGE, limits, program);
}

/** `podman run <limits> image <words>`, without a network but its own loopback. */
export function runImage(image: string, limits: readonly string[], given: readonly string[] = []): Container {
  made += 1;
  const name = `${PREFIX}-${made}`;
  const words = ['run', '--pull=never', '--network=none', '--name', name, ...limits, image, ...given];
  // conmon leaves a file named oom where it was started, when the memory was full.
  const cwd = mkdtempSync(join(tmpdir(), `${PREFIX}-`));
  const client = spawn('podman', words, { cwd, env: ENV, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [client.stdout, client.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const lines = (): readonly Line[] => linesOf(output.replaceAll('\r', ''));
  return {
    name,
    client,
    output: () => output,
    lines,
    line: (event) =>
      until(
        `log event ${event}`,
        () => lines().find((line) => line.event === event),
        () => output,
      ),
    code: () =>
      until(
        'the exit of the container',
        () => client.exitCode,
        () => output,
      ),
    exec: async (...command) => (await podman('exec', name, ...command)).stdout,
    async [Symbol.asyncDispose]() {
      await podman('rm', '--force', '--time', '0', '--ignore', name);
      rmSync(cwd, { recursive: true, force: true });
    },
  };
}
