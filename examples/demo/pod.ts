import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const K8S_RUN = fileURLToPath(new URL('../../bin/k8s-run.js', import.meta.url));
const APP = fileURLToPath(new URL('../node-abrupt/server.js', import.meta.url));

/** How the demo runs the app: as it is, or with k8s-run in front. */
export type Kind = 'plain' | 'k8s-run';

/** A line of k8s-run's own log. */
export type Line = { readonly event: string; readonly msg: string } & Readonly<Record<string, unknown>>;

/** A process that stands for a pod: the example server, with k8s-run in front of it or not. */
export type Pod = {
  readonly pid: number;
  readonly port: number;
  /** Sends what the kubelet would send. */
  readonly terminate: () => void;
  /** Ends it, and what it started, at once; resolves when it is gone. */
  readonly end: () => Promise<void>;
  /** Where Kubernetes would ask `/readyz`, as soon as it is known; null without k8s-run. */
  readonly health: () => string | null;
  /** 143 when SIGTERM ended it, as a shell tells it. */
  readonly exited: Promise<number>;
};

const SIGNALS = { SIGTERM: 15, SIGKILL: 9, SIGINT: 2 } as const;

/** Starts one; `heard` gets each line of k8s-run's log as it is written. Nothing is started once `stopped` has fired. */
export async function startPod(kind: Kind, heard: (line: Line) => void, stopped: AbortSignal): Promise<Pod> {
  const port = await freePort();
  stopped.throwIfAborted();
  // Both pods share this machine's ports, where pods have their own: hence any free health port, not 20080.
  const words = kind === 'plain' ? [APP] : [K8S_RUN, '--health-port', '0', '--', process.execPath, APP];
  const child = spawn(process.execPath, words, {
    env: { ...withoutOurs(process.env), PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
    // A session of its own, so that a Ctrl-C is heard by the demo alone, which then ends what it started.
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start ${process.execPath}`);
  let app: number | null = null;
  let health: string | null = null;
  let ending = false;
  let running = true;
  const exited = exitOf(child).finally(() => {
    running = false;
  });
  const killApp = (): void => {
    if (running && app !== null) signalIfThere(app, 'SIGKILL');
  };
  readLines(child, (line) => {
    if (line.event === 'spawned') app = Number(line['pid']);
    if (line.event === 'starting') health = String(line['health']).replace('[::]', '127.0.0.1');
    if (ending) killApp();
    else heard(line);
  });
  return {
    pid,
    port,
    exited,
    health: () => health,
    terminate: () => signalIfThere(pid, 'SIGTERM'),
    async end() {
      ending = true;
      if (!running) return;
      // k8s-run leaves as soon as its app is gone, whatever it was waiting for.
      signalIfThere(pid, kind === 'plain' ? 'SIGKILL' : 'SIGTERM');
      killApp();
      await exited;
    },
  };
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? 128 + (SIGNALS[signal as keyof typeof SIGNALS] ?? 0)));
  });
}

function readLines(child: ChildProcess, heard: (line: Line) => void): void {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      if (line.startsWith('{')) heard(JSON.parse(line) as Line);
    }
  });
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}

/** What npm and the user set for themselves is not the demo's. */
function withoutOurs(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(K8S_RUN_|NODE_|npm_)/.test(name)));
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
