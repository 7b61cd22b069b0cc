import type { Verdict, Verdicts } from '../lifecycle/verdict.ts';

/** What an endpoint answers; made from memory, without asking anybody. */
export type Page = { readonly status: number; readonly type: string; readonly body: string; readonly allow?: string };

/** Everything the server may tell, at the moment of the question. */
export type Report = { readonly verdicts: Verdicts; readonly status: () => Readonly<Record<string, unknown>> };

export type Question = {
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
export function isScrape({ method, target }: Question): boolean {
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

export function answer(question: Question, report: () => Report): Page {
  if (question.method !== 'GET' && question.method !== 'HEAD') {
    return { status: 405, type: TEXT, body: 'method not allowed\n', allow: 'GET, HEAD' };
  }
  const { path, query } = parseTarget(question.target);
  if (path === '/statusz') return json(200, report().status());
  const names = Object.hasOwn(ENDPOINTS, path) ? ENDPOINTS[path] : undefined;
  if (names === undefined) return { status: 404, type: TEXT, body: `not found; ${listing}\n` };
  const { verdicts } = report();
  const checks = names.map((name) => ({ name, verdict: verdicts[name] }));
  if (question.accept.includes('application/json')) return asJson(checks);
  return isVerbose(query) ? asKubeApiserverDoes(path.slice(1), checks) : asText(checks);
}

const listing = `try ${[...Object.keys(ENDPOINTS), '/statusz', METRICS].join(', ')}`;

type Check = { readonly name: string; readonly verdict: Verdict };

function asText(checks: readonly Check[]): Page {
  const reason = failureOf(checks);
  return reason === null ? { status: 200, type: TEXT, body: 'ok' } : { status: 503, type: TEXT, body: `${reason}\n` };
}

/** The form of k8s.io/apiserver/pkg/server/healthz. */
function asKubeApiserverDoes(endpoint: string, checks: readonly Check[]): Page {
  const lines = checks.map(({ name, verdict }) =>
    verdict.kind === 'ok' ? `[+]${name} ok` : `[-]${name} failed: ${verdict.reason}`,
  );
  const passed = failureOf(checks) === null;
  lines.push(`${endpoint} check ${passed ? 'passed' : 'failed'}`);
  return { status: passed ? 200 : 503, type: TEXT, body: `${lines.join('\n')}\n` };
}

function asJson(checks: readonly Check[]): Page {
  const reason = failureOf(checks);
  const status = reason === null ? 'ok' : 'failed';
  const told = checks.map(({ name, verdict }) =>
    verdict.kind === 'ok' ? { name, status: 'ok' } : { name, status: 'failed', reason: verdict.reason },
  );
  return json(reason === null ? 200 : 503, { status, ...(reason === null ? {} : { reason }), checks: told });
}

/** The last failure says most: readiness while shutting down, before what held it up at the start. */
function failureOf(checks: readonly Check[]): string | null {
  const failures = checks.flatMap(({ verdict }) => (verdict.kind === 'failed' ? [verdict.reason] : []));
  return failures.at(-1) ?? null;
}

function isVerbose(query: string): boolean {
  return new URLSearchParams(query).has('verbose');
}

function json(status: number, value: unknown): Page {
  return { status, type: JSON_TYPE, body: `${JSON.stringify(value)}\n` };
}
