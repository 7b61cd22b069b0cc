import { resolve } from 'node:path';
import type { OtlpTarget } from '../config/options/log.ts';
import { type Pair, readPairs } from './pairs.ts';
import { SAMPLED, type SpanContext } from './trace-context.ts';

/** Where one kind of data goes. */
export type Destination = {
  readonly url: URL;
  readonly headers: readonly Pair[];
  /** Milliseconds for one attempt. */
  readonly timeout: number;
  readonly compression: 'gzip' | 'none';
  /** Files, as PEM; null: not set. */
  readonly certificate: string | null;
  readonly clientCertificate: string | null;
  readonly clientKey: string | null;
};

/** What `--otlp` and the variables say. null: that kind of data is not exported. */
export type OtlpSettings = {
  readonly traces: Destination | null;
  readonly logs: Destination | null;
  /** What the user says of the service; by the names of the semantic conventions. */
  readonly attributes: ReadonlyMap<string, string>;
  /** The trace flags of a life. */
  readonly flagsOf: (traceId: string, parent: SpanContext | null) => number;
  /** Sentences for the log: variables that cannot be used. */
  readonly warnings: readonly string[];
};

type Environment = Readonly<NodeJS.ProcessEnv>;
type Warn = (text: string) => void;
type DataKind = 'TRACES' | 'LOGS';

/** Milliseconds: the default of the specification. */
const TIMEOUT = 10_000;
const LOCAL_COLLECTOR = 'http://localhost:4318';
const PATHS: Readonly<Record<DataKind, string>> = { TRACES: 'v1/traces', LOGS: 'v1/logs' };

/**
 * Reads the standard variables: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables and
 * /protocol/exporter. With a URL all that is about the way there is left out: the variables are then the app's alone, and their headers may hold
 * a token for another collector. An empty variable counts as not set, and one that is wrong is a warning, never an error.
 */
export function otlpSettings(target: OtlpTarget, environment: Environment): OtlpSettings {
  const warnings: string[] = [];
  const warn: Warn = (text) => void warnings.push(text);
  const attributes = attributesIn(environment, warn);
  const common = { attributes, warnings };
  if (target !== 'env') {
    const to = (signal: DataKind): Destination => ({ ...PLAIN, url: below(new URL(target), PATHS[signal]) });
    return { ...common, traces: to('TRACES'), logs: to('LOGS'), flagsOf: byParent(() => SAMPLED) };
  }
  if (isTrue(environment['OTEL_SDK_DISABLED'])) {
    warn('nothing is exported by --otlp env, because OTEL_SDK_DISABLED is true');
    return { ...common, traces: null, logs: null, flagsOf: byParent(() => 0) };
  }
  const traces = destination('TRACES', environment, warn);
  const logs = destination('LOGS', environment, warn);
  return { ...common, traces, logs, flagsOf: traces === null ? byParent(() => 0) : samplerIn(environment, warn) };
}

const PLAIN = {
  headers: [],
  timeout: TIMEOUT,
  compression: 'gzip',
  certificate: null,
  clientCertificate: null,
  clientKey: null,
} as const;

function attributesIn(environment: Environment, warn: Warn): ReadonlyMap<string, string> {
  const text = environment['OTEL_RESOURCE_ATTRIBUTES'] ?? '';
  const pairs = readPairs(text, 'attributes');
  if (pairs === null)
    warn(
      'OTEL_RESOURCE_ATTRIBUTES is ignored: it is no list of key=value, with commas between and percent-encoded values',
    );
  const name = textOf(environment['OTEL_SERVICE_NAME']);
  return new Map([...(pairs ?? []), ...(name === null ? [] : [['service.name', name] as const])]);
}

function destination(signal: DataKind, environment: Environment, warn: Warn): Destination | null {
  /** The variable of this kind of data, or the one of all kinds. */
  const chosen = (name: string): Pair | null => {
    const names = [`OTEL_EXPORTER_OTLP_${signal}_${name}`, `OTEL_EXPORTER_OTLP_${name}`];
    const found = names.find((each) => textOf(environment[each]) !== null);
    return found === undefined ? null : [found, textOf(environment[found]) ?? ''];
  };
  const exporter = `OTEL_${signal}_EXPORTER`;
  const exporters = (textOf(environment[exporter]) ?? 'otlp').split(',').map((each) => each.trim().toLowerCase());
  if (!exporters.includes('otlp')) {
    if (!exporters.includes('none'))
      warn(`${exporter} is ${exporters.join(',')}, of which k8s-run has none; write otlp`);
    return null;
  }
  const [protocolName, protocol] = chosen('PROTOCOL') ?? ['', 'http/json'];
  if (protocol.toLowerCase() === 'grpc') {
    const url = '--otlp http://<collector>:4318';
    warn(
      `${protocolName} is grpc, which k8s-run does not speak, so nothing of ${signal.toLowerCase()} is exported; write ${url}`,
    );
    return null;
  }
  if (!/^http\/(protobuf|json)$/i.test(protocol))
    warn(`${protocolName} is ignored: it is none of http/json, http/protobuf and grpc`);
  const url = endpoint(signal, environment, warn);
  return url === null ? null : { url, ...wayThere(chosen, warn) };
}

/** An endpoint of one kind of data is taken as it is, that of all kinds gets a path. */
function endpoint(signal: DataKind, environment: Environment, warn: Warn): URL | null {
  const own = `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`;
  const name = textOf(environment[own]) === null ? 'OTEL_EXPORTER_OTLP_ENDPOINT' : own;
  const text = textOf(environment[name]) ?? LOCAL_COLLECTOR;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    warn(`${name} is no URL of HTTP, so nothing of ${signal.toLowerCase()} is exported; write http://collector:4318`);
    return null;
  }
  return name === own ? new URL(text) : below(new URL(text), PATHS[signal]);
}

function below(base: URL, path: string): URL {
  const url = new URL(base);
  url.pathname = `${base.pathname.replace(/\/*$/, '')}/${path}`;
  return url;
}

function wayThere(chosen: (name: string) => Pair | null, warn: Warn): Omit<Destination, 'url'> {
  // k8s-run leaves its working directory once the app runs.
  const file = (name: string): string | null => {
    const path = chosen(name)?.[1];
    return path === undefined ? null : resolve(path);
  };
  const [headersName, headers] = chosen('HEADERS') ?? ['', ''];
  const pairs = readPairs(headers, 'headers');
  // Its value is not shown, because it may be a token.
  if (pairs === null) warn(`${headersName} is ignored: it is no list of key=value, with percent-encoded values`);
  const [timeoutName, timeout] = chosen('TIMEOUT') ?? ['', String(TIMEOUT)];
  const isTime = /^\d{1,9}$/.test(timeout) && Number(timeout) > 0;
  if (!isTime) warn(`${timeoutName} is ignored: it is no number of milliseconds`);
  const [compressionName, given] = chosen('COMPRESSION') ?? ['', 'gzip'];
  const compression = given.toLowerCase();
  const isKnown = compression === 'gzip' || compression === 'none';
  if (!isKnown) warn(`${compressionName} is ignored: it is neither gzip nor none`);
  return {
    headers: pairs ?? [],
    timeout: isTime ? Number(timeout) : TIMEOUT,
    compression: isKnown ? compression : 'gzip',
    certificate: file('CERTIFICATE'),
    clientCertificate: file('CLIENT_CERTIFICATE'),
    clientKey: file('CLIENT_KEY'),
  };
}

type Sampler = OtlpSettings['flagsOf'];

/** A parent decides, and else the root. */
const byParent =
  (root: (traceId: string) => number): Sampler =>
  (traceId, parent) =>
    parent === null ? root(traceId) : parent.flags;

function samplerIn(environment: Environment, warn: Warn): Sampler {
  const text = textOf(environment['OTEL_TRACES_SAMPLER'])?.toLowerCase() ?? 'parentbased_always_on';
  const given = textOf(environment['OTEL_TRACES_SAMPLER_ARG']) ?? '1';
  const [, parent, root] = /^(parentbased_)?(always_on|always_off|traceidratio)$/.exec(text) ?? [];
  if (root === undefined) warn(`OTEL_TRACES_SAMPLER ${text} is ignored: k8s-run does not know it`);
  let ratio = Number(given);
  if (!(ratio >= 0 && ratio <= 1)) {
    if (root === 'traceidratio') warn('OTEL_TRACES_SAMPLER_ARG is ignored: it is no number from 0 to 1');
    ratio = 1;
  }
  const least = { always_on: 0, always_off: 1, traceidratio: 1 - ratio }[root ?? 'always_on'] ?? 0;
  const flags = (traceId: string): number => (randomness(traceId) >= least ? SAMPLED : 0);
  return root === undefined || parent !== undefined ? byParent(flags) : flags;
}

/** From 0 to less than 1: of the last 56 bits, which W3C Trace Context asks to be random, those that a number can hold. */
const randomness = (traceId: string): number => Number.parseInt(traceId.slice(-14, -1), 16) / 2 ** 52;

/** null: not set, or empty. A block of YAML may leave a line break. Words of a list are the same in upper case. */
const textOf = (value: string | undefined): string | null => value?.trim() || null;

const isTrue = (value: string | undefined): boolean => textOf(value)?.toLowerCase() === 'true';
