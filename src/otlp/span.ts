import type { SpanContext } from './trace-context.ts';

/** Values of attributes, as the specification allows them. */
export type AttributeValue = string | number | boolean | readonly (string | number | boolean)[];
export type SpanAttributes = Readonly<Record<string, AttributeValue>>;

/** Times are milliseconds since 1970. */
export type SpanEvent = { readonly name: string; readonly time: number; readonly attributes: SpanAttributes };

/** A span that has ended. */
export type Span = {
  readonly context: SpanContext;
  readonly parent: { readonly context: SpanContext; readonly isRemote: boolean } | null;
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly attributes: SpanAttributes;
  readonly events: readonly SpanEvent[];
  readonly droppedEvents: number;
  /** What was wrong; null: nothing. */
  readonly error: string | null;
  /** The span of the life before. */
  readonly link: SpanContext | null;
};

/** A log event, and the span that was the current one. */
export type LogRecord = {
  readonly time: number;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly event: string;
  readonly text: string;
  readonly attributes: SpanAttributes;
  readonly context: SpanContext;
};

/** The default of OTEL_SPAN_EVENT_COUNT_LIMIT. */
const MOST_EVENTS = 128;

/** A span that has not ended. */
export type OpenSpan = {
  readonly context: SpanContext;
  readonly start: number;
  readonly set: (attributes: SpanAttributes) => void;
  readonly fail: (error: string) => void;
  readonly add: (event: SpanEvent) => void;
  readonly end: (time: number) => Span;
};

export function openSpan(begun: Pick<Span, 'context' | 'parent' | 'name' | 'start' | 'link'>): OpenSpan {
  let attributes: SpanAttributes = {};
  let error: string | null = null;
  const events: SpanEvent[] = [];
  let droppedEvents = 0;
  return {
    context: begun.context,
    start: begun.start,
    set(more) {
      attributes = { ...attributes, ...more };
    },
    fail(text) {
      error = text;
    },
    add(event) {
      if (events.length < MOST_EVENTS) events.push(event);
      else droppedEvents += 1;
    },
    // The wall clock of an event may be a little behind that of the spans.
    end: (time) => ({ ...begun, end: Math.max(begun.start, time), attributes, events, droppedEvents, error }),
  };
}

/** Characters. */
const MOST_OF_TEXT = 2_000;
const MOST_OF_LIST = 20;

/** Facts of a log line as attributes, under the names of the log; parts of an object get its name in front. */
export function attributesOf(facts: Readonly<Record<string, unknown>>, prefix = 'k8s_run.'): SpanAttributes {
  const attributes: Record<string, AttributeValue> = {};
  for (const [name, value] of Object.entries(facts)) {
    if (Array.isArray(value)) attributes[prefix + name] = value.slice(0, MOST_OF_LIST).map(plain);
    else if (isPlain(value)) attributes[prefix + name] = plain(value);
    else if (typeof value === 'object' && value !== null)
      Object.assign(attributes, attributesOf(value as Readonly<Record<string, unknown>>, `${prefix}${name}.`));
  }
  return attributes;
}

const isPlain = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));

function plain(value: unknown): string | number | boolean {
  if (!isPlain(value)) return shortened(JSON.stringify(value) ?? '');
  return typeof value === 'string' ? shortened(value) : value;
}

export function shortened(text: string): string {
  return text.length <= MOST_OF_TEXT ? text : `${text.slice(0, MOST_OF_TEXT)}…`;
}
