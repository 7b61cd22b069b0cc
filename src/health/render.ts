import type { ProbeName, Standing } from '../lifecycle/state.ts';
import type { Verdict, Verdicts } from '../lifecycle/verdict.ts';

/** What an endpoint answers; made from memory, without asking anybody. */
export type HealthResponse = {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly allow?: string;
};

/** Everything the server may tell, at the moment of the question. */
export type HealthReport = {
  readonly verdicts: Verdicts;
  readonly checks: (probe: ProbeName) => readonly NamedCheck[];
  readonly status: () => Readonly<Record<string, unknown>>;
};

/** A part of a verdict; `degraded`: one that is told and does not count. */
export type NamedCheck = { readonly name: string; readonly degraded: boolean; readonly standing: Standing };

export type HealthRequest = {
  readonly method: string;
  /** Path and query, as in the request line. */
  readonly target: string;
  readonly accept: string;
};

const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

/** Each endpoint and the checks it is made of. */
const ENDPOINTS: Readonly<Record<string, readonly (keyof Verdicts)[]>> = {
  '/healthz': ['live'],
  '/livez': ['live'],
  '/readyz': ['startup', 'ready'],
  '/startupz': ['startup'],
};

const METRICS = '/metrics';

/** Whether the metrics are asked for, which take a moment where it is the first time; `answer` has all the rest. */
export function isScrape({ method, target }: HealthRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && parseTarget(target).path === METRICS;
}

/** The endpoint that a request line names, or `other`: for counting, so their number is bounded. */
export function pathOf(target: string): string {
  const { path } = parseTarget(target);
  return Object.hasOwn(ENDPOINTS, path) || path === '/statusz' || path === METRICS ? path : 'other';
}

function parseTarget(target: string): { readonly path: string; readonly query: string } {
  // RFC 9112 3.2.2: a server must accept the absolute form, which proxies send.
  const [path = '/', query = ''] = target.replace(/^https?:\/\/[^/?]*/i, '').split('?', 2);
  return { path, query };
}

export function respond(question: HealthRequest, report: () => HealthReport): HealthResponse {
  if (question.method !== 'GET' && question.method !== 'HEAD') {
    return { status: 405, type: TEXT, body: 'method not allowed\n', allow: 'GET, HEAD' };
  }
  const { path, query } = parseTarget(question.target);
  if (path === '/statusz') return json(200, report().status());
  const names = Object.hasOwn(ENDPOINTS, path) ? ENDPOINTS[path] : undefined;
  if (names === undefined) return { status: 404, type: TEXT, body: `not found; ${listing}\n` };
  const { verdicts, checks } = report();
  const reason = failureOf(names.map((name) => verdicts[name]));
  const outcomes = (): readonly CheckOutcome[] =>
    names.flatMap((name) => [fromVerdict(name, verdicts[name]), ...checks(name).map(fromCheck)]);
  if (question.accept.includes('application/json')) return asJson(reason, outcomes());
  return isVerbose(query) ? asKubeApiserverDoes(path.slice(1), reason, outcomes()) : asText(reason);
}

const listing = `try ${[...Object.keys(ENDPOINTS), '/statusz', METRICS].join(', ')}`;

type CheckOutcome = { readonly name: string } & (
  | { readonly status: 'ok' }
  | { readonly status: 'failed' | 'degraded'; readonly reason: string }
);

function fromVerdict(name: string, verdict: Verdict): CheckOutcome {
  return verdict.kind === 'ok' ? { name, status: 'ok' } : { name, status: 'failed', reason: verdict.reason };
}

function fromCheck({ name, degraded, standing }: NamedCheck): CheckOutcome {
  if (standing.kind === 'passing') return { name, status: 'ok' };
  return { name, status: degraded ? 'degraded' : 'failed', reason: standing.reason };
}

function asText(reason: string | null): HealthResponse {
  return reason === null ? { status: 200, type: TEXT, body: 'ok' } : { status: 503, type: TEXT, body: `${reason}\n` };
}

/** The form of k8s.io/apiserver/pkg/server/healthz, and one word more for what is degraded. */
function asKubeApiserverDoes(
  endpoint: string,
  failure: string | null,
  outcomes: readonly CheckOutcome[],
): HealthResponse {
  const lines = outcomes.map((outcome) =>
    outcome.status === 'ok' ? `[+]${outcome.name} ok` : `[-]${outcome.name} ${outcome.status}: ${outcome.reason}`,
  );
  lines.push(`${endpoint} check ${failure === null ? 'passed' : 'failed'}`);
  return { status: failure === null ? 200 : 503, type: TEXT, body: `${lines.join('\n')}\n` };
}

function asJson(reason: string | null, checks: readonly CheckOutcome[]): HealthResponse {
  if (reason !== null) return json(503, { status: 'failed', reason, checks });
  return json(200, { status: checks.some(({ status }) => status === 'degraded') ? 'degraded' : 'ok', checks });
}

/** The last failure says most: readiness while shutting down, before what held it up at the start. */
function failureOf(verdicts: readonly Verdict[]): string | null {
  const failures = verdicts.flatMap((verdict) => (verdict.kind === 'failed' ? [verdict.reason] : []));
  return failures.at(-1) ?? null;
}

function isVerbose(query: string): boolean {
  return new URLSearchParams(query).has('verbose');
}

function json(status: number, value: unknown): HealthResponse {
  return { status, type: JSON_TYPE, body: `${JSON.stringify(value)}\n` };
}
