import { Writable } from 'node:stream';

/**
 * From here on nobody can open Node's own `process.stdout` and `process.stderr`: opening them sets O_NONBLOCK on the open
 * files that the app shares, and Node's modules do it unasked (node:http loads node:assert, which looks for colours on
 * stderr). k8s-run writes through log/sink.ts; whatever else is written here is discarded.
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
