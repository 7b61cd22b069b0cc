import { spawn, spawnSync } from 'node:child_process';

/** What a run of kubectl may take; a wait for the cluster gives its own. */
const LIMIT = 120_000;

/** Runs kubectl on the cluster that KUBECONFIG names and resolves with what it printed. Rejects with what it complained of. */
export function kubectl(words: readonly string[], input?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('kubectl', words, { stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(stdout);
      else reject(new Error(`kubectl ${words.join(' ')}: ${stderr.trim() || (signal ?? `exit code ${code}`)}`));
    });
    child.stdin.on('error', () => {}).end(input);
  });
}

/** For the ways out where nothing can be waited for. */
export function kubectlNow(words: readonly string[]): void {
  // In a session of its own, where a Ctrl-C on our terminal does not reach it.
  spawnSync('setsid', ['--wait', 'kubectl', ...words], { stdio: 'ignore', timeout: 30_000 });
}

/** What a kubectl that goes on says, as long as it goes on. Disposing ends it. */
export type Following = AsyncDisposable & {
  readonly text: () => string;
  readonly say: (line: string) => void;
  readonly ended: Promise<void>;
};

/** `kubectl logs --follow`, `kubectl exec`: what it prints on stdout and stderr is kept. */
export function follow(words: readonly string[]): Following {
  const child = spawn('kubectl', words, { stdio: ['pipe', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  }
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
  child.stdin.on('error', () => {});
  living.add(child);
  void ended.then(() => living.delete(child));
  return {
    text: () => text,
    say: (line) => void child.stdin.write(`${line}\n`),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

const living = new Set<{ kill: (signal: 'SIGKILL') => boolean }>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});
