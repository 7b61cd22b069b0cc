import type { ProbeSpec } from '../config/probe-spec.ts';
import type { Probe } from './answer.ts';
import { autoProbe, type SocketReader } from './auto.ts';
import { type CommandRunner, execProbe } from './exec.ts';
import { fileProbe } from './file.ts';
import { httpProbe } from './http.ts';
import { type ProcessReader, processProbe } from './process.ts';
import { tcpProbe } from './tcp.ts';

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
export function createProbe(spec: ProbeSpec, around: ProbeEnvironment): Probe {
  const userAgent = `k8s-run-probe/${around.version}`;
  switch (spec.kind) {
    case 'auto':
      return autoProbe(around.app, around.sockets, around.now);
    case 'process':
      return processProbe(around.app, around.processes);
    case 'none':
      return () => Promise.resolve({ kind: 'passed' });
    case 'http':
      return httpProbe(spec, userAgent);
    case 'tcp':
      return tcpProbe(spec.host, spec.port);
    case 'grpc':
      // HTTP/2 costs megabytes: only for those who ask by it.
      return (cancelled) => import('./grpc.ts').then(({ grpcProbe }) => grpcProbe(spec, userAgent, cancelled));
    case 'exec':
      return execProbe(spec.command, around.runCommand);
    case 'file':
      return fileProbe(spec.path);
  }
}
