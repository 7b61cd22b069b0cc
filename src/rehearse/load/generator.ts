import { clock } from '../../clock.ts';
import type { Random } from '../random.ts';
import type { ConnectionKind, RequestSample } from '../results.ts';
import { type HttpConnection, LOCAL_ERRORS, openConnection, type RequestResult } from './request.ts';

export type LoadPlan = {
  readonly port: number;
  /** Requests per second. */
  readonly rate: number;
  /** The share of the requests on kept-alive connections, from 0 to 1. */
  readonly keptAlive: number;
  readonly paths: readonly string[];
  readonly random: Random;
  /** The User-Agent header. */
  readonly agent: string;
  /** Milliseconds since the run began. */
  readonly now: () => number;
  /** The pod that the connection of this local port was routed to, and whether that accepted it. */
  readonly routeOf: (localPort: number) => { readonly pod: string | null; readonly accepted: boolean } | undefined;
  readonly onSample: (sample: RequestSample) => void;
};

export type LoadGenerator = {
  /** Requests that this machine could not send. */
  readonly unsent: () => number;
  /** Sends no new requests until resumed; those in flight go on. */
  readonly suspend: () => void;
  readonly resume: () => void;
  /** Sends no more; resolves when no request is in flight any more. */
  readonly stop: () => Promise<void>;
  /** Ends the requests in flight, too. */
  readonly abort: () => void;
};

/** A client gives up on a request after this long, in milliseconds. */
const REQUEST_TIMEOUT = 10_000;
/** With more requests in flight the machine or the app is overloaded; those beyond are counted as unsent. */
const MOST_IN_FLIGHT = 2_000;
/** Kept-alive connections at the beginning; more are opened only while all of them wait for a response. */
const KEPT_ALIVE_CLIENTS = 8;

/** Sends requests at the times of many independent clients (a Poisson process). */
export function startLoad(plan: LoadPlan): LoadGenerator {
  const { rate, random, now } = plan;
  const inFlight = new Set<Promise<void>>();
  const idle: HttpConnection[] = [];
  const kept = new Set<HttpConnection>();
  const oneTime = new Set<HttpConnection>();
  let unsent = 0;
  let state: 'on' | 'suspended' | 'over' = 'on';
  let cancel = (): void => {};
  let next = clock.now();
  let turn = 0;

  const gap = (): number => (-Math.log(1 - random()) / rate) * 1_000;
  const sendDue = (): void => {
    // A busy machine that was late catches up.
    for (; next <= clock.now(); next += gap()) if (state === 'on') begin();
    cancel = clock.after(Math.max(0, next - clock.now()), sendDue);
  };
  const begin = (): void => {
    if (inFlight.size >= MOST_IN_FLIGHT) {
      unsent += 1;
      return;
    }
    turn += 1;
    const path = plan.paths[turn % plan.paths.length] ?? '/';
    const connection = random() < plan.keptAlive ? 'kept-alive' : 'new';
    const request = send(connection, path).finally(() => inFlight.delete(request));
    inFlight.add(request);
  };
  const send = async (kind: ConnectionKind, path: string): Promise<void> => {
    const at = now();
    const keepAlive = kind === 'kept-alive';
    const { port, agent } = plan;
    const options = { port, keepAlive, timeout: REQUEST_TIMEOUT, agent };
    const connection = (keepAlive ? takeIdle() : undefined) ?? (await openConnection(options));
    (keepAlive ? kept : oneTime).add(connection);
    const result = await connection.get(path);
    if (keepAlive) idle.push(connection);
    else {
      oneTime.delete(connection);
      connection.close();
    }
    if (LOCAL_ERRORS.has(result.failure ?? '')) unsent += 1;
    else if (state !== 'over' || result.status !== null)
      plan.onSample(sampleOf({ at, took: now() - at, connection: kind, path }, result, plan));
  };
  /** undefined: there are fewer connections than clients, or all are waiting. */
  const takeIdle = (): HttpConnection | undefined =>
    kept.size < KEPT_ALIVE_CLIENTS ? undefined : idle.splice(Math.floor(random() * idle.length), 1)[0];
  const closeAll = (): void => {
    for (const connection of [...kept, ...oneTime]) connection.close();
  };
  next += gap();
  sendDue();
  return {
    unsent: () => unsent,
    suspend: () => {
      if (state === 'on') state = 'suspended';
    },
    resume: () => {
      if (state === 'suspended') state = 'on';
    },
    async stop() {
      state = state === 'over' ? state : 'suspended';
      await Promise.all(inFlight);
      cancel();
      state = 'over';
      closeAll();
    },
    abort() {
      state = 'over';
      cancel();
      closeAll();
    },
  };
}

function sampleOf(
  request: Pick<RequestSample, 'at' | 'took' | 'connection' | 'path'>,
  { status, failure, localPort }: RequestResult,
  { routeOf }: LoadPlan,
): RequestSample {
  const route = routeOf(localPort);
  // The balancer has accepted the connection already, so its client sees a reset where the pod refuses it.
  const isRefused = route !== undefined && !route.accepted && failure !== null;
  const serverError = status !== null && status >= 500 ? `HTTP ${status}` : null;
  const shown = isRefused ? 'connection refused' : failure;
  return { ...request, failure: shown ?? serverError, pod: route?.pod ?? null };
}
