import type { ProbeSpec } from '../config/probe-spec.ts';
import type { Probe } from './answer.ts';
import { autoProbe, type SocketReader } from './auto.ts';
import { type CommandRunner, execProbe } from './exec.ts';
import { fileProbe } from './file.ts';
import { httpProbe } from './http.ts';
import { limitNameLookups } from './name-lookup.ts';
import { type ProcessReader, processProbe } from './process.ts';
import { tcpProbe } from './tcp.ts';

/** What probes need of other rooms; supervisor/probe-environment.ts provides it. */
export type ProbeEnvironment = {
  /** The app's pid. */
  readonly app: number;
  readonly version: string;
  /** Milliseconds on the monotonic clock. */
  readonly now: () => number;
  readonly processes: ProcessReader;
  readonly sockets: SocketReader;
  readonly runCommand: CommandRunner;
};

/** The probe that a spec describes. It is called for each period. */
export function createProbe(spec: ProbeSpec, environment: ProbeEnvironment): Probe {
  const { app, processes, sockets, now, runCommand } = environment;
  if ('host' in spec) limitNameLookups();
  const userAgent = `k8s-run-probe/${environment.version}`;
  switch (spec.kind) {
    case 'auto':
      return autoProbe(app, sockets, now);
    case 'process':
      return processProbe(app, processes);
    case 'none':
      return () => Promise.resolve({ kind: 'passed' });
    case 'http':
      return httpProbe(spec, userAgent);
    case 'tcp':
      return tcpProbe(spec.host, spec.port);
    case 'grpc':
      // HTTP/2 costs megabytes, so it is loaded only where a gRPC probe was configured.
      return (cancelled) => import('./grpc.ts').then(({ grpcProbe }) => grpcProbe(spec, userAgent, cancelled));
    case 'exec':
      return execProbe(spec.command, runCommand);
    case 'file':
      return fileProbe(spec.path);
  }
}
