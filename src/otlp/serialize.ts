import { JsonLogsSerializer, JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ResourceAttributes } from './resource.ts';
import type { LogRecord, Span } from './span.ts';
import { SAMPLED, type SpanContext } from './trace-context.ts';

/** Of what an export says who it is from. */
export type ExportOrigin = { readonly resource: ResourceAttributes; readonly version: string };

type SdkSpan = Parameters<typeof JsonTraceSerializer.serializeRequest>[0][number];
type SdkRecord = Parameters<typeof JsonLogsSerializer.serializeRequest>[0][number];
type SdkContext = ReturnType<SdkSpan['spanContext']>;
type HrTime = SdkSpan['startTime'];

/** OpenTelemetry's SpanKind.INTERNAL, SpanStatusCode and SeverityNumber. */
const INTERNAL = 0;
const UNSET = 0;
const ERROR = 2;
const SEVERITY = { debug: 5, info: 9, warn: 13, error: 17 } as const;

/** One request of OTLP in JSON. OpenTelemetry's own serialiser makes it, which takes what an SDK has: objects of its types. */
export function serializeSpans(spans: readonly Span[], origin: ExportOrigin): Uint8Array {
  const from = sdkOrigin(origin);
  return JsonTraceSerializer.serializeRequest(spans.map((span) => ({ ...sdkSpan(span), ...from }) as SdkSpan)) ?? EMPTY;
}

export function serializeRecords(records: readonly LogRecord[], origin: ExportOrigin): Uint8Array {
  const from = sdkOrigin(origin);
  return (
    JsonLogsSerializer.serializeRequest(records.map((record) => ({ ...sdkRecord(record), ...from }) as SdkRecord)) ??
    EMPTY
  );
}

const EMPTY = new Uint8Array();

/** Objects that are the same for all, because the serialiser groups by them. */
function sdkOrigin({ resource, version }: ExportOrigin): Pick<SdkSpan, 'resource' | 'instrumentationScope'> {
  return {
    resource: { attributes: resource } as unknown as SdkSpan['resource'],
    instrumentationScope: { name: 'k8s-run', version },
  };
}

function sdkSpan(span: Span): Omit<SdkSpan, 'resource' | 'instrumentationScope' | 'duration' | 'ended'> {
  const parent =
    span.parent === null ? {} : { parentSpanContext: sdkContext(span.parent.context, span.parent.isRemote) };
  return {
    ...parent,
    name: span.name,
    kind: INTERNAL,
    spanContext: () => sdkContext(span.context, false),
    startTime: hrTime(span.start),
    endTime: hrTime(span.end),
    status: span.error === null ? { code: UNSET } : { code: ERROR, message: span.error },
    attributes: { ...span.attributes } as SdkSpan['attributes'],
    events: span.events.map(({ name, time, attributes }) => ({
      ...{ name, time: hrTime(time), droppedAttributesCount: 0 },
      attributes: { ...attributes } as SdkSpan['attributes'],
    })),
    links: span.link === null ? [] : [{ context: sdkContext(span.link, false) }],
    ...{ droppedAttributesCount: 0, droppedEventsCount: span.droppedEvents, droppedLinksCount: 0 },
  };
}

function sdkRecord(record: LogRecord): Omit<SdkRecord, 'resource' | 'instrumentationScope'> {
  const time = hrTime(record.time);
  return {
    ...{ hrTime: time, hrTimeObserved: time },
    spanContext: sdkContext(record.context, false),
    severityNumber: SEVERITY[record.level],
    severityText: record.level,
    body: record.text,
    eventName: `k8s_run.${record.event}`,
    attributes: { ...record.attributes } as SdkRecord['attributes'],
    droppedAttributesCount: 0,
  };
}

function sdkContext({ traceId, spanId, flags, state }: SpanContext, isRemote: boolean): SdkContext {
  const traceState = state === null ? {} : { traceState: { serialize: () => state } as SdkContext['traceState'] };
  return { traceId, spanId, isRemote, traceFlags: flags & SAMPLED, ...traceState } as SdkContext;
}

/** Seconds and nanoseconds, from milliseconds. */
function hrTime(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1_000);
  return [seconds, Math.min(999_999_999, Math.round((milliseconds - seconds * 1_000) * 1e6))];
}
