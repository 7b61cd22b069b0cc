/** A probe as it was configured: by one word, a URL, or a Kubernetes probe stanza. docs/reference.md says when each passes. */
export type ProbeSpec = ProbeTarget & {
  /** The numbers of a stanza; a probe that was written as one word or a URL has none. */
  readonly timing?: ProbeTiming;
};

/** A new kind does not compile until each place that depends on the kind has an answer for it. */
export type ProbeKind = ProbeTarget['kind'];

/** A probe that sends an HTTP request. */
export type HttpProbeSpec = Extract<ProbeSpec, { kind: 'http' }>;
/** A probe that connects to a host and a port. */
export type NetworkProbeSpec = Extract<ProbeSpec, { host: ProbeHost }>;

type ProbeTarget =
  | { readonly kind: 'auto' | 'process' | 'none' }
  | {
      readonly kind: 'http';
      readonly url: URL;
      readonly host: ProbeHost;
      readonly headers: readonly Header[];
      /** In HTTP/2 over clear text (prior knowledge); the URL is an http one. */
      readonly h2c?: true;
    }
  | { readonly kind: 'tcp'; readonly host: ProbeHost; readonly port: number }
  /** An empty service is the server as a whole. */
  | {
      readonly kind: 'grpc';
      readonly host: ProbeHost;
      readonly port: number;
      readonly service: string;
      readonly tls?: true;
    }
  | { readonly kind: 'exec'; readonly command: readonly string[] }
  | { readonly kind: 'file'; readonly path: string };

export type Header = readonly [name: string, value: string];

/** The numbers of a Kubernetes probe, times in milliseconds; null: the stanza does not set it. */
export type ProbeTiming = {
  readonly initialDelay: number;
  readonly period: number | null;
  readonly timeout: number | null;
  readonly successThreshold: number | null;
  readonly failureThreshold: number | null;
};

/** A host that was not given is loopback: 127.0.0.1, then ::1. */
export type ProbeHost = string | 'loopback';

export const LOOPBACK: readonly string[] = ['127.0.0.1', '::1'];

/** How each kind is written, for help and error messages. */
export const PROBE_FORMS: Readonly<Record<ProbeKind, string>> = {
  auto: 'auto',
  process: 'process',
  none: 'none',
  http: 'http://:8080/path, https://…, h2c://…',
  tcp: 'tcp://:5432',
  grpc: 'grpc://:50051, grpcs://…',
  exec: 'exec:command',
  file: 'file:/path',
};

/**
 * The handler of a Kubernetes probe that does the same (k8s.io/api/core/v1 ProbeHandler); null: Kubernetes has none. A stanza
 * of the configuration file is read by it.
 */
type KubernetesHandlers = OneForEachKind<{
  readonly auto: null;
  readonly process: null;
  readonly none: null;
  readonly http: 'httpGet';
  readonly tcp: 'tcpSocket';
  readonly grpc: 'grpc';
  readonly exec: 'exec';
  readonly file: null;
}>;
/** A kind that is missing is the only error then. */
type OneForEachKind<T extends Readonly<Record<ProbeKind, string | null>>> = T;
export type KubernetesHandler = NonNullable<KubernetesHandlers[keyof KubernetesHandlers]>;

/** The addresses to try, in order. */
export function hostsOf(host: ProbeHost): readonly string[] {
  return host === 'loopback' ? LOOPBACK : [host];
}

/** A probe as it is written, without what may be secret (queries, credentials, arguments), for logs and endpoints. */
export function describeProbe(spec: ProbeSpec): string {
  switch (spec.kind) {
    case 'auto':
    case 'process':
    case 'none':
      return spec.kind;
    case 'http':
      return `${spec.h2c === true ? 'h2c:' : spec.url.protocol}//${spec.host === 'loopback' ? `:${portOf(spec.url)}` : spec.url.host}${spec.url.pathname}`;
    case 'tcp':
      return `tcp://${spec.host === 'loopback' ? '' : bracketed(spec.host)}:${spec.port}`;
    case 'grpc': {
      const service = spec.service === '' ? '' : `/${spec.service}`;
      return `${spec.tls === true ? 'grpcs' : 'grpc'}://${spec.host === 'loopback' ? '' : bracketed(spec.host)}:${spec.port}${service}`;
    }
    case 'exec':
      return `exec:${spec.command[0] ?? ''}`;
    case 'file':
      return `file:${spec.path}`;
  }
}

/** The probe, if it connects to a host and a port; null: it does not. */
export function networkProbe(spec: ProbeSpec): NetworkProbeSpec | null {
  switch (spec.kind) {
    case 'http':
    case 'tcp':
    case 'grpc':
      return spec;
    case 'auto':
    case 'process':
    case 'none':
    case 'exec':
    case 'file':
      return null;
  }
}

/** The port that a probe connects to; null: it connects to none. */
export function probePortOf(spec: ProbeSpec): number | null {
  const probe = networkProbe(spec);
  if (probe === null) return null;
  switch (probe.kind) {
    case 'http':
      return portOf(probe.url);
    case 'tcp':
    case 'grpc':
      return probe.port;
  }
}

/** The port of an http or https URL, the scheme's default included. */
export function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}

/** A host as it stands in a URL: an IPv6 address in brackets. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
