import { isDeepStrictEqual } from 'node:util';
// The published definitions of OTLP, as protobuf.js has compiled them for the package of an earlier OpenTelemetry for JavaScript.
import definitions from 'otlp-definitions/build/src/generated/root.js';

/** An attribute's value in OTLP. */
type AnyValue = Readonly<Record<string, unknown>>;
export type KeyValue = { readonly key: string; readonly value: AnyValue };

export type OtlpSpan = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly KeyValue[];
  readonly events: readonly {
    readonly name: string;
    readonly timeUnixNano: string;
    readonly attributes: readonly KeyValue[];
  }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code: number; readonly message?: string };
  readonly flags: number;
};

export type OtlpRecord = {
  readonly traceId: string;
  readonly spanId: string;
  readonly timeUnixNano: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly eventName: string;
  readonly body: { readonly stringValue: string };
  readonly attributes: readonly KeyValue[];
};

export type OtlpMessage = {
  readonly resource: readonly KeyValue[];
  readonly scope: { readonly name: string; readonly version: string };
  readonly spans: readonly OtlpSpan[];
  readonly records: readonly OtlpRecord[];
};

const IDS: Readonly<Record<string, number>> = { traceId: 16, spanId: 8, parentSpanId: 8 };

/**
 * Reads the body of a request, as strictly as one can: every field must exist in the definitions, with a value of its type, ids are hexadecimal
 * digits of the right number, and times go forward. Throws what is wrong.
 */
export function readOtlp(path: string, text: string): OtlpMessage {
  const json: unknown = JSON.parse(text);
  const { trace, logs } = definitions.opentelemetry.proto.collector;
  const type = path.endsWith('/v1/traces') ? trace.v1.ExportTraceServiceRequest : logs.v1.ExportLogsServiceRequest;
  // Of protobuf, through its binary form.
  const message = type.fromObject(withIds(json) as Record<string, unknown>);
  const problem = type.verify(message);
  if (problem !== null) throw new Error(`${path}: ${problem}`);
  const decoded = type.toObject(type.decode(type.encode(message).finish()), {
    longs: String,
    defaults: true,
    bytes: String,
  });
  compare(withIds(json), decoded, path);
  return partsOf(json as ExportRequest);
}

type Scoped = { readonly scope: OtlpMessage['scope']; readonly spans?: OtlpSpan[]; readonly logRecords?: OtlpRecord[] };
type Group = {
  readonly resource: { readonly attributes: KeyValue[] };
  readonly scopeSpans?: Scoped[];
  readonly scopeLogs?: Scoped[];
};
type ExportRequest = { readonly resourceSpans?: readonly Group[]; readonly resourceLogs?: readonly Group[] };

function partsOf({ resourceSpans = [], resourceLogs = [] }: ExportRequest): OtlpMessage {
  const [group, ...more] = [...resourceSpans, ...resourceLogs];
  const [scoped, ...others] = [...(group?.scopeSpans ?? []), ...(group?.scopeLogs ?? [])];
  if (group === undefined || scoped === undefined || more.length + others.length > 0)
    throw new Error('not one resource and one scope');
  const keys = group.resource.attributes.map(({ key }) => key);
  if (new Set(keys).size < keys.length) throw new Error(`the resource has a key twice: ${keys}`);
  const { scope, spans = [], logRecords = [] } = scoped;
  if (spans.length + logRecords.length === 0) throw new Error('nothing is exported');
  for (const { name, startTimeUnixNano, endTimeUnixNano } of spans)
    if (BigInt(startTimeUnixNano) > BigInt(endTimeUnixNano)) throw new Error(`the span ${name} ends before it starts`);
  return { resource: group.resource.attributes, scope, spans, records: logRecords };
}

/** The JSON with ids in Base64, which is what protobuf's own JSON has for bytes; OTLP has hexadecimal digits. */
function withIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withIds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      const bytes = IDS[key];
      if (bytes === undefined) return [key, withIds(each)];
      const isId = typeof each === 'string' && new RegExp(`^[0-9a-f]{${2 * bytes}}$`).test(each) && !/^0+$/.test(each);
      if (!isId) throw new Error(`${key} is no id: ${JSON.stringify(each)}`);
      return [key, Buffer.from(each, 'hex').toString('base64')];
    }),
  );
}

/** Whether all that was sent has arrived; the definitions know more fields, which have their defaults. */
function compare(sent: unknown, arrived: unknown, path: string): void {
  if (Array.isArray(sent)) {
    if (!Array.isArray(arrived) || arrived.length !== sent.length) throw new Error(`${path} is no list`);
    for (const [index, each] of sent.entries()) compare(each, arrived[index], `${path}[${index}]`);
  } else if (typeof sent === 'object' && sent !== null) {
    const known = Object(arrived) as Record<string, unknown>;
    for (const [key, each] of Object.entries(sent)) {
      if (!(key in known)) throw new Error(`${path}.${key} is not in the definitions`);
      compare(each, known[key], `${path}.${key}`);
    }
  } else if (!isDeepStrictEqual(String(sent), String(arrived)))
    throw new Error(`${path} is ${JSON.stringify(sent)}, and arrives as ${JSON.stringify(arrived)}`);
}

/** Attributes as an object. */
export function plainAttributes(attributes: readonly KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]));
}

function plainValue(value: AnyValue): unknown {
  const [[kind, plain] = ['', null]] = Object.entries(value);
  if (kind !== 'arrayValue') return plain;
  return (plain as { readonly values: readonly AnyValue[] }).values.map(plainValue);
}
