/** Where a span stands: W3C Trace Context, https://www.w3.org/TR/trace-context/. Ids in lower-case hexadecimal digits. */
export type SpanContext = {
  /** 32 digits. */
  readonly traceId: string;
  /** 16 digits. */
  readonly spanId: string;
  /** Bit 0: sampled. */
  readonly flags: number;
  /** `tracestate`, which is handed on as it came. */
  readonly state: string | null;
};

export const SAMPLED = 1;

/** Version, trace id, parent id, flags. A later version may have more behind them. */
const TRACE_PARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** Characters: what every receiver must be able to hand on. */
const MOST_OF_STATE = 512;

/** The parent that `TRACEPARENT` and `TRACESTATE` name, as the OpenTelemetry specification has them in an environment; null: none that is valid. */
export function parentIn({ TRACEPARENT = '', TRACESTATE = '' }: Readonly<NodeJS.ProcessEnv>): SpanContext | null {
  const [, version, traceId = '', spanId = '', flags = '', rest] = TRACE_PARENT.exec(TRACEPARENT.trim()) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && rest !== undefined)) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  const isUsable = TRACESTATE !== '' && TRACESTATE.length <= MOST_OF_STATE && /^[ -~]+$/.test(TRACESTATE);
  return { traceId, spanId, flags: Number.parseInt(flags, 16) & SAMPLED, state: isUsable ? TRACESTATE : null };
}

/** The variables that make a process a child of the span; `undefined` removes a TRACESTATE of the environment, which belongs to another trace. */
export function traceVariables({ traceId, spanId, flags, state }: SpanContext): NodeJS.ProcessEnv {
  const TRACEPARENT = `00-${traceId}-${spanId}-${flags.toString(16).padStart(2, '0')}`;
  return { TRACEPARENT, TRACESTATE: state ?? undefined };
}

export const newTraceId = (): string => digits(4);
export const newSpanId = (): string => digits(2);

/** By Math.random, as OpenTelemetry's own generator: ids must be unique, not secret, and node:crypto would have to be loaded. */
function digits(words: number): string {
  const text = Array.from({ length: words }, () =>
    Math.floor(Math.random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  ).join('');
  return /^0+$/.test(text) ? `${text.slice(1)}1` : text;
}
