import type { Socket } from 'node:net';
import { type ClientConnection, converse } from './client-connection.ts';
import type { Port } from './port.ts';
import { descriptorOf } from './received-bytes.ts';
import {
  type HealthReport,
  type HealthRequest,
  type HealthResponse,
  isScrape,
  pathOf,
  queryOf,
  respond,
  VARIES,
  wantsPage,
} from './render.ts';
import { httpDate } from './response-text.ts';

/** The sources of the responses, and the listeners for what happens to them. */
export type HealthServerDeps = {
  readonly report: () => HealthReport;
  /** The response to a scrape, in the format that the Accept header prefers. */
  readonly metrics: (accept: string) => Promise<HealthResponse>;
  /** A response was sent. `path`: an endpoint's, or `other`. */
  readonly answered: (path: string, status: number) => void;
  readonly faulted: (error: Error) => void;
  /** The most descriptors that this process may have; Infinity: unknown or unlimited. */
  readonly maxDescriptors: number;
  /** Called for each connection and each response, as what makes garbage. */
  readonly worked: () => void;
  readonly now: () => number;
  readonly after: (delay: number, call: () => void) => void;
};

/**
 * A kubelet, a few scrapers and a mesh need a handful. Beyond this the oldest is closed, so that a flood never keeps the
 * kubelet out; each may cost some ten KiB, and what the kernel keeps for it.
 */
const MAX_CONNECTIONS = 64;
/** These are kept even where descriptors are short, so that a new one is read before the next takes its place. */
const MIN_CONNECTIONS = 4;
/** Descriptors that connections leave free: for a start of the app, hooks, exec probes, the log and the event socket. */
const RESERVED_DESCRIPTORS = 24;
const LOOK_EVERY = 1_000;

/** Serves the endpoints on the port, from memory. Read-only: no request changes anything. */
export function serveHealth(port: Port, deps: HealthServerDeps): void {
  const open = new Set<ClientConnection>();
  const highest = deps.maxDescriptors - RESERVED_DESCRIPTORS;
  let most = MAX_CONNECTIONS;
  let looks = false;
  const look = (): void => {
    looks = open.size > 0;
    if (!looks) most = MAX_CONNECTIONS;
    for (const connection of open) connection.look();
    if (looks) deps.after(LOOK_EVERY, look);
  };
  port.serveWith((socket: Socket) => {
    // The kernel gives the lowest free number, so a high one tells that few are left, whoever uses them.
    if (descriptorOf(socket) >= highest) most = Math.max(MIN_CONNECTIONS, Math.min(most, open.size));
    if (open.size >= most) leastMissed(open)?.destroy();
    deps.worked();
    open.add(
      converse(socket, {
        now: deps.now,
        answer: (request) => answerTo(request, deps),
        answered(target, status) {
          deps.answered(target === '' ? 'other' : pathOf(target), status);
          deps.worked();
        },
        closed: (connection) => open.delete(connection),
        faulted: deps.faulted,
      }),
    );
    if (!looks) deps.after(LOOK_EVERY, look);
    looks = true;
  });
}

/** The oldest that has its answer, else the oldest without a request, else the oldest. */
function leastMissed(open: ReadonlySet<ClientConnection>): ClientConnection | undefined {
  const [oldest] = open;
  let idle: ClientConnection | undefined;
  for (const connection of open) {
    const phase = connection.phase();
    if (phase === 'lingering') return connection;
    if (phase === 'reading') idle ??= connection;
  }
  return idle ?? oldest;
}

function answerTo(request: HealthRequest, deps: HealthServerDeps): HealthResponse | Promise<HealthResponse> {
  const failed = (error: unknown): HealthResponse => {
    deps.faulted(error as Error);
    return { status: 500, type: 'text/plain; charset=utf-8', body: '' };
  };
  try {
    if (isScrape(request)) return scraped(request, deps).catch(failed);
    if (wantsPage(request)) return page(request, deps).catch(failed);
    return respond(request, deps.report);
  } catch (error) {
    return failed(error);
  }
}

async function scraped({ accept }: HealthRequest, { metrics }: HealthServerDeps): Promise<HealthResponse> {
  return { ...(await metrics(accept)), fields: VARIES };
}

async function page({ target }: HealthRequest, { report }: HealthServerDeps): Promise<HealthResponse> {
  const { statusPage } = await import('./status-page.ts');
  return statusPage(report().status(), { asOf: httpDate(), refresh: queryOf(target).get('refresh') });
}
