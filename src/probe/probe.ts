import { askAuto, type SocketReader } from './auto.ts';
import { askExec, type CommandRunner } from './exec.ts';
import { askFile } from './file.ts';
import { askHttp } from './http.ts';
import { askProcess, type ProcessReader } from './process.ts';
import type { ProbeSpec } from './spec.ts';
import { askTcp } from './tcp.ts';

/**
 * One answer to one question. `broken` is the prober's own error: it says nothing of the app, so no threshold counts it.
 * `remark` is something that a person should hear once.
 */
export type Answer =
  | { readonly kind: 'passed'; readonly remark?: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly remark?: string }
  | { readonly kind: 'broken'; readonly reason: string };

/** Asks once. When `cancelled` fires it must settle soon, whatever it settles to. */
export type Ask = (cancelled: AbortSignal) => Promise<Answer>;

/** What probes need of the outside; run.ts introduces it. */
export type Surroundings = {
  readonly app: number;
  readonly version: string;
  readonly now: () => number;
  readonly processes: ProcessReader;
  readonly sockets: SocketReader;
  readonly runCommand: CommandRunner;
};

/** A probe of each kind, made once and asked many times. */
export function probeFor(spec: ProbeSpec, around: Surroundings): Ask {
  const userAgent = `k8s-run-probe/${around.version}`;
  switch (spec.kind) {
    case 'auto':
      return askAuto(around.app, around.sockets, around.now);
    case 'process':
      return askProcess(around.app, around.processes);
    case 'none':
      return () => Promise.resolve({ kind: 'passed' });
    case 'http':
      return askHttp(spec, userAgent);
    case 'tcp':
      return askTcp(spec.host, spec.port);
    case 'grpc':
      // HTTP/2 costs megabytes: only for those who ask by it.
      return (cancelled) => import('./grpc.ts').then(({ askGrpc }) => askGrpc(spec, userAgent, cancelled));
    case 'exec':
      return askExec(spec.command, around.runCommand);
    case 'file':
      return askFile(spec.path);
  }
}
