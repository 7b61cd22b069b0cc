import type { ProbeName } from '../lifecycle/state.ts';
import type { Verdict, Verdicts } from '../lifecycle/verdict.ts';
import type { CheckStanding } from '../probe/combine.ts';
import { acceptance } from './accept.ts';

/** The response of an endpoint. It is made from memory: no probe runs for it. */
export type HealthResponse = {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly allow?: string;
  /** Further lines of the head. */
  readonly fields?: readonly string[];
};

/** What the endpoints report, at the time of the request. */
export type HealthReport = {
  readonly verdicts: Verdicts;
  readonly checks: (probe: ProbeName) => readonly CheckStanding[];
  readonly status: () => Readonly<Record<string, unknown>>;
};

export type HealthRequest = {
  readonly method: string;
  /** Path and query, as in the request line. */
  readonly target: string;
  readonly accept: string;
};

const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

/** Each endpoint, and the probes whose verdicts it reports. */
const ENDPOINTS: Readonly<Record<string, readonly (keyof Verdicts)[]>> = {
  '/healthz': ['live'],
  '/livez': ['live'],
  '/readyz': ['startup', 'ready'],
  '/startupz': ['startup'],
};

const METRICS = '/metrics';
const STATUS = '/statusz';

/** The answer depends on the Accept header of the request (RFC 9110, 12.5.5). */
export const VARIES: readonly string[] = ['Vary: Accept'];

/** Whether the request is for /metrics, which is answered asynchronously; `respond` answers every other one. */
export function isScrape({ method, target }: HealthRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && parseTarget(target).path === METRICS;
}

/**
 * Whether the request is for /statusz by a client that wants HTML more than JSON, as browsers do; then health/status-page.ts
 * answers, which is loaded for that alone.
 */
export function wantsPage({ method, target, accept }: HealthRequest): boolean {
  if ((method !== 'GET' && method !== 'HEAD') || parseTarget(target).path !== STATUS) return false;
  return acceptance(accept, 'text/html').weight > acceptance(accept, 'application/json').weight;
}

/** The parameters of a request's target. */
export function queryOf(target: string): URLSearchParams {
  return new URLSearchParams(parseTarget(target).query);
}

/** The endpoint of a request, or `other`: a metric label, so the number of its values is bounded. */
export function pathOf(target: string): string {
  const { path } = parseTarget(target);
  return Object.hasOwn(ENDPOINTS, path) || path === STATUS || path === METRICS ? path : 'other';
}

function parseTarget(target: string): { readonly path: string; readonly query: string } {
  // RFC 9112 3.2.2: a server must accept the absolute form, which proxies send.
  const [path = '/', query = ''] = target.replace(/^https?:\/\/[^/?]*/i, '').split('?', 2);
  return { path, query };
}

export function respond(request: HealthRequest, report: () => HealthReport): HealthResponse {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, type: TEXT, body: 'method not allowed\n', allow: 'GET, HEAD' };
  }
  const { path } = parseTarget(request.target);
  if (path === STATUS) return json(200, report().status());
  const names = Object.hasOwn(ENDPOINTS, path) ? ENDPOINTS[path] : undefined;
  if (names === undefined) return { status: 404, type: TEXT, body: `not found; ${ENDPOINT_LIST}\n` };
  const { verdicts, checks } = report();
  const reason = failureOf(names.map((name) => verdicts[name]));
  const outcomes = (): readonly CheckOutcome[] =>
    names.flatMap((name) => [fromVerdict(name, verdicts[name]), ...checks(name).map(fromCheck)]);
  if (wantsJson(request.accept)) return asJson(reason, outcomes());
  return queryOf(request.target).has('verbose') ? asVerboseText(path.slice(1), reason, outcomes()) : asText(reason);
}

const ENDPOINT_LIST = `try ${[...Object.keys(ENDPOINTS), STATUS, METRICS].join(', ')}`;

type CheckOutcome = { readonly name: string } & (
  | { readonly status: 'ok' }
  | { readonly status: 'failed' | 'degraded'; readonly reason: string }
);

function fromVerdict(name: string, verdict: Verdict): CheckOutcome {
  return verdict.kind === 'ok' ? { name, status: 'ok' } : { name, status: 'failed', reason: verdict.reason };
}

function fromCheck({ name, degraded, standing }: CheckStanding): CheckOutcome {
  if (standing.kind === 'passing') return { name, status: 'ok' };
  return { name, status: degraded ? 'degraded' : 'failed', reason: standing.reason };
}

function asText(reason: string | null): HealthResponse {
  return reason === null ? text(200, 'ok') : text(503, `${reason}\n`);
}

/** The format of k8s.io/apiserver/pkg/server/healthz, with `degraded` as one more status. */
function asVerboseText(endpoint: string, failure: string | null, outcomes: readonly CheckOutcome[]): HealthResponse {
  const lines = outcomes.map((outcome) =>
    outcome.status === 'ok' ? `[+]${outcome.name} ok` : `[-]${outcome.name} ${outcome.status}: ${outcome.reason}`,
  );
  lines.push(`${endpoint} check ${failure === null ? 'passed' : 'failed'}`);
  return text(failure === null ? 200 : 503, `${lines.join('\n')}\n`);
}

function asJson(reason: string | null, checks: readonly CheckOutcome[]): HealthResponse {
  if (reason !== null) return json(503, { status: 'failed', reason, checks });
  return json(200, { status: checks.some(({ status }) => status === 'degraded') ? 'degraded' : 'ok', checks });
}

/** The last failure matters most: while shutting down, readiness says so, whatever startup says. */
function failureOf(verdicts: readonly Verdict[]): string | null {
  const failures = verdicts.flatMap((verdict) => (verdict.kind === 'failed' ? [verdict.reason] : []));
  return failures.at(-1) ?? null;
}

/** Text is the answer to whoever does not ask for JSON by its name. */
function wantsJson(accept: string): boolean {
  const { weight, named } = acceptance(accept, 'application/json');
  return named && weight > 0 && weight >= acceptance(accept, 'text/plain').weight;
}

function text(status: number, body: string): HealthResponse {
  return { status, type: TEXT, body, fields: VARIES };
}

function json(status: number, value: unknown): HealthResponse {
  return { status, type: JSON_TYPE, body: `${JSON.stringify(value)}\n`, fields: VARIES };
}
