import type { Cancel } from '../clock.ts';
import { limitNameLookups } from '../probe/name-lookup.ts';
import { createLane, type Lane, type LaneReport } from './lane.ts';
import { createPost } from './post.ts';
import type { ResourceAttributes } from './resource.ts';
import { serializeRecords, serializeSpans } from './serialize.ts';
import type { Destination, OtlpSettings } from './settings.ts';
import type { LogRecord, Span } from './span.ts';

/** Sends spans and log records to the collector. Loaded after the app's start. */
export type Exporter = {
  readonly addSpan: (span: Span) => void;
  readonly addRecord: (record: LogRecord) => void;
  readonly hurry: () => void;
  readonly flush: (until: number) => Promise<void>;
  readonly reset: () => void;
};

export type ExporterDeps = {
  readonly settings: Pick<OtlpSettings, 'traces' | 'logs'>;
  readonly version: string;
  readonly resource: () => ResourceAttributes;
  readonly now: () => number;
  readonly after: (delay: number, call: () => void) => Cancel;
  readonly warn: (text: string, reason: string) => unknown;
  readonly faulted: (error: Error) => void;
};

/** Milliseconds: the defaults of OTEL_BSP_SCHEDULE_DELAY and OTEL_BLRP_SCHEDULE_DELAY. */
const SPANS_AFTER = 5_000;
const RECORDS_AFTER = 1_000;
/** A collector beside the app may start a little later than the app. */
const WARN_FROM = 3;

export function createExporter({ settings, version, resource, now, after, warn, faulted }: ExporterDeps): Exporter {
  limitNameLookups();
  const post = createPost(`k8s-run/${version}`, after);
  const said = new Set<string>();
  const once = (kind: string, text: string, reason: string): void => {
    if (said.has(kind)) return;
    said.add(kind);
    warn(text, reason);
  };

  const reportOf = (to: Destination, things: string): LaneReport => {
    const collector = `the collector at ${to.url.origin}`;
    return {
      failed(reason, times) {
        const text = `${collector} does not answer: ${reason}; it is tried again, and nothing waits for it`;
        if (times >= WARN_FROM) once('failed', text, reason);
      },
      lost: (reason) => once('failed', `${collector} does not answer: ${reason}; the rest is lost`, reason),
      refused: (reason, items) =>
        once(`refused ${things}`, `${collector} refuses ${items} ${things}: ${reason}`, reason),
      remarked: (remark) => once(`remarked ${things}`, `${collector} has not taken all ${things}: ${remark}`, remark),
      dropped: (items) =>
        once(
          `dropped`,
          `${items} ${things} are dropped, and more may be: ${collector} was away for too long`,
          'dropped',
        ),
    };
  };

  function laneTo<Item>(
    to: Destination | null,
    things: string,
    batchAfter: number,
    serialize: (items: readonly Item[]) => Uint8Array,
  ): Lane<Item> | null {
    if (to === null) return null;
    return createLane<Item>({
      ...{ batchAfter, now, after, serialize, faulted, random: Math.random },
      post: (body) => post(body, to),
      report: reportOf(to, things),
    });
  }

  const origin = () => ({ resource: resource(), version });
  const spans = laneTo<Span>(settings.traces, 'spans', SPANS_AFTER, (items) => serializeSpans(items, origin()));
  const records = laneTo<LogRecord>(settings.logs, 'log records', RECORDS_AFTER, (items) =>
    serializeRecords(items, origin()),
  );
  return {
    addSpan: (span) => spans?.add(span),
    addRecord: (record) => records?.add(record),
    hurry() {
      spans?.hurry();
      records?.hurry();
    },
    async flush(until) {
      await Promise.all([spans?.flush(until), records?.flush(until)]);
    },
    reset() {
      spans?.reset();
      records?.reset();
    },
  };
}
