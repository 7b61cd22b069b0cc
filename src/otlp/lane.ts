import type { Cancel } from '../clock.ts';
import type { PostResult } from './post.ts';

/** One kind of data on its way: what waits, in a queue with a bound, and one request at a time. */
export type Lane<Item> = {
  readonly add: (item: Item) => void;
  /** Sends what waits now instead of a little later; not where a failed request waits for its next try. */
  readonly hurry: () => void;
  /**
   * Sends all that waits, until a time of the clock; resolves when it is sent, or then. A collector that has failed before gets one more try and little time.
   * Never rejects.
   */
  readonly flush: (until: number) => Promise<void>;
  /** After a fault: forgets the request that was under way. */
  readonly reset: () => void;
};

export type LaneDeps<Item> = {
  /** Milliseconds that an item waits for others. */
  readonly batchAfter: number;
  readonly now: () => number;
  readonly after: (delay: number, call: () => void) => Cancel;
  /** From 0 to 1, as Math.random. */
  readonly random: () => number;
  readonly serialize: (items: readonly Item[]) => Uint8Array;
  readonly post: (body: Uint8Array) => Promise<PostResult>;
  readonly report: LaneReport;
  readonly faulted: (error: Error) => void;
};

export type LaneReport = {
  /** So often in a row. */
  readonly failed: (reason: string, times: number) => void;
  /** There will be no other try. */
  readonly lost: (reason: string) => void;
  readonly refused: (reason: string, items: number) => void;
  readonly remarked: (remark: string) => void;
  /** Items that were given up, because the queue was full or the collector was away for too long. */
  readonly dropped: (items: number) => void;
};

/** Items that wait at most. With the bound of a text, some MiB. */
export const MOST_WAITING = 1_000;
/** The default of OTEL_BSP_MAX_EXPORT_BATCH_SIZE. */
const MOST_IN_REQUEST = 512;
/** Milliseconds before the second try, which double with each; half to all of it, so that a thousand pods do not come at once. */
const FIRST_BACK_OFF = 1_000;
const LONGEST_BACK_OFF = 30_000;
/** Milliseconds after which a request is given up. */
export const GIVE_UP_AFTER = 300_000;
/** Milliseconds between tries, and for all of it where the collector has failed before, at the end. */
const LAST_BACK_OFF = 100;
const LAST_TRY = 250;

type PendingRequest<Item> = { readonly body: Uint8Array; readonly items: readonly Item[]; readonly begun: number };

export function createLane<Item>({ now, after, report, ...deps }: LaneDeps<Item>): Lane<Item> {
  let waiting: Item[] = [];
  let request: PendingRequest<Item> | null = null;
  /** Halved with each request that is too large, doubled with each that is not. */
  let mostInRequest = MOST_IN_REQUEST;
  let attempt: Promise<void> | null = null;
  let timer: Cancel | null = null;
  let failures = 0;
  let failure: (PostResult & { kind: 'failed' }) | null = null;
  let isLast = false;

  const wait = (delay: number): void => {
    timer?.();
    timer = after(delay, () => {
      timer = null;
      send().catch(deps.faulted);
    });
  };

  /** A timer runs only while something waits. */
  const arm = (): void => {
    if (timer !== null || attempt !== null || request !== null || waiting.length === 0 || isLast) return;
    wait(waiting.length >= MOST_IN_REQUEST ? 0 : deps.batchAfter);
  };

  /** One attempt; at the same time there is no other. */
  const send = (): Promise<void> => {
    if (attempt !== null) return attempt;
    const mine = tryOnce().finally(() => {
      if (attempt !== mine) return;
      attempt = null;
      arm();
    });
    attempt = mine;
    return mine;
  };

  const tryOnce = async (): Promise<void> => {
    if (request === null) {
      const items = waiting.splice(0, mostInRequest);
      if (items.length === 0) return;
      request = { body: deps.serialize(items), items, begun: now() };
    }
    const sent = request;
    const result = await deps.post(sent.body);
    // After a fault it is not the request of this lane any more.
    if (request !== sent) return;
    if (result.kind === 'failed') {
      retry(sent, result);
      return;
    }
    request = null;
    failures = 0;
    failure = null;
    if (result.kind === 'refused') refuse(sent.items, result);
    else accept(result.remark);
  };

  /** Who refuses many at once may take them in parts. */
  const refuse = (items: readonly Item[], { reason, isTooLarge }: PostResult & { kind: 'refused' }): void => {
    if (!isTooLarge || items.length === 1) {
      report.refused(reason, items.length);
      return;
    }
    mostInRequest = Math.ceil(items.length / 2);
    const all = [...items, ...waiting];
    const tooMany = Math.max(0, all.length - MOST_WAITING);
    waiting = all.slice(tooMany);
    if (tooMany > 0) report.dropped(tooMany);
  };

  const accept = (remark: string | null): void => {
    mostInRequest = Math.min(MOST_IN_REQUEST, mostInRequest * 2);
    if (remark !== null) report.remarked(remark);
  };

  const retry = (sent: PendingRequest<Item>, result: PostResult & { kind: 'failed' }): void => {
    const { reason, afterMs } = result;
    failures += 1;
    failure = result;
    if (isLast) return;
    report.failed(reason, failures);
    if (now() - sent.begun >= GIVE_UP_AFTER) {
      request = null;
      report.dropped(sent.items.length);
      return;
    }
    const backOff = Math.min(FIRST_BACK_OFF * 2 ** (failures - 1), LONGEST_BACK_OFF) * (0.5 + deps.random() / 2);
    // The server may ask for more time, not for less: `Retry-After: 0` from all of them would be a loop.
    wait(Math.max(backOff, Math.min(afterMs ?? 0, GIVE_UP_AFTER)));
  };

  return {
    add(item) {
      if (waiting.length >= MOST_WAITING) {
        // The oldest, because the newest say how it ended.
        waiting.shift();
        report.dropped(1);
      }
      waiting.push(item);
      arm();
    },
    hurry() {
      if (request === null && attempt === null && waiting.length > 0) wait(0);
    },
    async flush(until) {
      isLast = true;
      timer?.();
      timer = null;
      const hadFailed = failures > 0;
      const end = hadFailed ? Math.min(until, now() + LAST_TRY) : until;
      for (let backOff = LAST_BACK_OFF; request !== null || waiting.length > 0; backOff *= 2) {
        const before = failures;
        const isInTime = await within(end - now(), send(), after);
        if (isInTime && failures <= before) continue;
        // Who does not answer now is not there, and who has no time for it gets another try as long as there is some.
        if (!isInTime || hadFailed || failure?.isThere !== true || now() + backOff >= end) {
          report.lost(isInTime ? (failure?.reason ?? '') : 'no answer in time');
          return;
        }
        await new Promise<void>((resolve) => void after(backOff, resolve));
      }
    },
    reset() {
      timer?.();
      timer = null;
      request = null;
      attempt = null;
      waiting = [];
    },
  };
}

/** Whether the work has ended in so many milliseconds. */
async function within(
  limit: number,
  work: Promise<void>,
  after: (delay: number, call: () => void) => Cancel,
): Promise<boolean> {
  if (limit <= 0) return false;
  return new Promise((resolve) => {
    const cancel = after(limit, () => resolve(false));
    const done = (): void => {
      cancel();
      resolve(true);
    };
    work.then(done, done);
  });
}
