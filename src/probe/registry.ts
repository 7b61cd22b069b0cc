import type { ProbeSpec } from '../config/probe-spec.ts';
import type { Ask } from './answer.ts';
import { askAuto, type SocketReader } from './auto.ts';
import { askExec, type CommandRunner } from './exec.ts';
import { askFile } from './file.ts';
import { askHttp } from './http.ts';
import { askProcess, type ProcessReader } from './process.ts';
import { askTcp } from './tcp.ts';

/** What probes need of other rooms; supervisor/probe-environment.ts provides it. */
export type ProbeEnvironment = {
  readonly app: number;
  readonly version: string;
  readonly now: () => number;
  readonly processes: ProcessReader;
  readonly sockets: SocketReader;
  readonly runCommand: CommandRunner;
};

/** A probe of each kind, made once and asked many times. */
export function probeFor(spec: ProbeSpec, around: ProbeEnvironment): Ask {
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
