import { Writable } from 'node:stream';

/**
 * Replaces Node's `process.stdout` and `process.stderr`. Their first use would set O_NONBLOCK on open files that the app shares,
 * and Node's own modules use them (node:http loads node:assert, which checks stderr for colours). k8s-run writes its log with
 * log/sink.ts; anything written to the replacements is discarded.
 */
export function disableStdio(): void {
  for (const name of ['stdout', 'stderr'] as const) {
    let nowhere: Writable | null = null;
    Object.defineProperty(process, name, {
      configurable: true,
      enumerable: true,
      get: () => {
        nowhere ??= new Writable({ write: (_chunk, _encoding, done) => done() });
        return nowhere;
      },
    });
  }
}
