import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DEADLINE, soon, until } from './deadline.ts';

export const BIN: string = new URL('../../bin/k8s-run.js', import.meta.url).pathname;
if (!existsSync(new URL('../../dist/main.js', import.meta.url))) throw new Error('there is no dist/: npm run build');

/** A line of k8s-run's log. */
export type Line = { readonly event: string; readonly level: string; readonly msg: string } & Readonly<
  Record<string, unknown>
>;
export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null };
export type Reply = {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
};

/** A k8s-run under test, as a process. Disposing kills it, its app, and their process groups. */
export type Supervised = AsyncDisposable & {
  readonly pid: number;
  readonly child: ChildProcess;
  readonly lines: () => readonly Line[];
  readonly events: () => readonly string[];
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Waits for the first line with this event that `match` accepts. */
  readonly line: (event: string, match?: (line: Line) => boolean) => Promise<Line>;
  readonly kill: (signal: NodeJS.Signals | number) => void;
  readonly ended: () => Promise<Ended>;
  readonly appPid: () => Promise<number>;
  /** Requests an endpoint of the health server. */
  readonly get: (path: string, options?: { method?: string; headers?: Record<string, string> }) => Promise<Reply>;
};

export type Start = {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly stdio?: SpawnOptions['stdio'];
  /**
   * Words before the binary: `unshare …`, `setpriv …`. With a PID namespace (`--pid`) the pids in the log are not valid here,
   * so `--kill-child` is needed too, which ends all processes in it.
   */
  readonly prefix?: readonly string[];
  /** Another copy of k8s-run. */
  readonly bin?: string;
  /** Another copy of node than the one that runs the tests. */
  readonly node?: string;
  /** Options of node: `--import=…`. */
  readonly nodeOptions?: readonly string[];
  /** Another program instead of node and the binary. */
  readonly program?: readonly string[];
};

/**
 * Starts `k8s-run <options> -- <command>`, with any free health port unless the options set one, and without variables of the
 * test run that would affect it.
 */
export function start(options: readonly string[], command: readonly string[], how: Start = {}): Supervised {
  const port = options.some((option) => option.startsWith('--health-port')) ? [] : ['--health-port=0'];
  return startWords([...port, ...options, '--', ...command], how);
}

/** Starts k8s-run with exactly these words. */
export function startWords(words: readonly string[], how: Start = {}): Supervised {
  const [program = '', ...args] = [
    ...(how.prefix ?? []),
    ...(how.program ?? [how.node ?? process.execPath, ...(how.nodeOptions ?? []), how.bin ?? BIN]),
    ...words,
  ];
  const child = spawn(program, args, {
    cwd: how.cwd,
    env: how.env ?? cleanEnvironment(),
    stdio: how.stdio ?? ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const closed = new Promise<Ended>((resolve) => {
    child.once('exit', async (code, signal) => {
      await allOutputRead(() => stdout.length + stderr.length);
      resolve({ code, signal });
    });
    child.once('error', () => resolve({ code: null, signal: null }));
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start ${program}`);
  const transcript = (): string => `--- stdout\n${stdout}\n--- stderr\n${stderr}`;
  const lines = (): readonly Line[] => linesOf(stderr);
  const line: Supervised['line'] = (event, match = () => true) =>
    until(`log event ${event}`, () => lines().find((each) => each.event === event && match(each)), transcript);
  return {
    pid,
    child,
    lines,
    events: () => lines().map(({ event }) => event),
    stdout: () => stdout,
    stderr: () => stderr,
    line,
    kill: (signal) => process.kill(pid, signal),
    ended: () => soon('the exit of k8s-run', closed, transcript),
    appPid: async () => (await line('spawned'))['pid'] as number,
    async get(path, { method = 'GET', headers = {} } = {}) {
      const { health } = await line('starting');
      return ask(`${String(health).replace('[::]', '127.0.0.1')}${path}`, method, headers);
    },
    async [Symbol.asyncDispose]() {
      const app = lines().findLast(({ event }) => event === 'spawned')?.['pid'];
      const below = childrenOf(pid);
      if (typeof app === 'number' && how.prefix?.includes('--pid') !== true) killGroup(app);
      killGroup(pid);
      for (const child of below) killGroup(child);
      await closed;
    },
  };
}

/**
 * Waits until the output from before the exit was read. It is in the pipe when the exit is reported, so it is complete after a
 * turn of the event loop without new output. The end of the pipe is not waited for, because other processes may have it open.
 */
async function allOutputRead(size: () => number): Promise<void> {
  for (let before = -1; before !== size(); ) {
    before = size();
    await nextTurn();
    await nextTurn();
  }
}

/** The JSON objects among the lines; those of the app are skipped, also what it has begun where an object follows. */
export function linesOf(text: string): readonly Line[] {
  return text.split('\n').flatMap((each) => {
    const begin = each.startsWith('{') ? 0 : each.indexOf('{"level":');
    if (each[begin] !== '{' || !each.endsWith('}')) return [];
    try {
      return [JSON.parse(each.slice(begin)) as Line];
    } catch {
      return [];
    }
  });
}

/** The environment of the test run, without variables that would affect k8s-run or the Node that runs it. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(K8S_RUN_|NODE_|npm_|OTEL_|TRACE|POD_|CONTAINER_NAME)/.test(name),
    ),
  );
}

/** Its children: hooks, and an app that is not in the log yet. */
function childrenOf(pid: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    return [];
  }
}

/** Sends SIGKILL to a process and its group; no error when they are gone. */
export function killGroup(pid: number): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL');
    } catch {
      // Gone already.
    }
  }
}

/** Makes an HTTP request on a new connection. */
export function ask(url: string, method = 'GET', headers: Record<string, string> = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method, headers, agent: false, timeout: DEADLINE / 2 }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
    });
    call.on('timeout', () => call.destroy(new Error('the health server did not answer')));
    call.on('error', reject);
    call.end();
  });
}

/** Whether a process exists and is not a zombie. */
export async function isRunning(pid: number): Promise<boolean> {
  const { readFile } = await import('node:fs/promises');
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}
