import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HealthReport, type HealthResponse, respond } from '../../../src/health/render.ts';
import type { Verdict, Verdicts } from '../../../src/lifecycle/verdict.ts';

const ok: Verdict = { kind: 'ok' };
const failed = (reason: string): Verdict => ({ kind: 'failed', reason });
const ALL_OK: Verdicts = { startup: ok, ready: ok, live: ok };

function get(target: string, verdicts: Verdicts = ALL_OK, { method = 'GET', accept = '*/*' } = {}): HealthResponse {
  return respond({ method, target, accept }, () => ({
    verdicts,
    checks: () => [],
    status: () => ({ state: 'running' }),
  }));
}
const brief = ({ status, body }: HealthResponse): readonly [number, string] => [status, body];

test('each endpoint answers ok, or 503 with the reason', () => {
  const cases: Readonly<Record<string, Verdicts>> = {
    '/healthz': { ...ALL_OK, live: failed('it hangs') },
    '/livez': { ...ALL_OK, live: failed('it hangs') },
    '/readyz': { ...ALL_OK, ready: failed('it hangs') },
    '/startupz': { ...ALL_OK, startup: failed('it hangs') },
  };
  for (const [path, failing] of Object.entries(cases)) {
    assert.deepEqual(brief(get(path)), [200, 'ok'], path);
    assert.deepEqual(brief(get(path, failing)), [503, 'it hangs\n'], path);
    assert.equal(get(path).type, 'text/plain; charset=utf-8');
  }
});

test('an endpoint reports the verdicts of its own probes only', () => {
  const onlyLive: Verdicts = { startup: failed('s'), ready: failed('r'), live: ok };
  assert.equal(get('/livez', onlyLive).status, 200);
  assert.equal(get('/healthz', onlyLive).status, 200);
  const onlyStarted: Verdicts = { startup: ok, ready: failed('r'), live: failed('l') };
  assert.equal(get('/startupz', onlyStarted).status, 200);
  assert.equal(get('/readyz', { ...ALL_OK, live: failed('l') }).status, 200);
  assert.equal(get('/readyz', { ...ALL_OK, startup: failed('s') }).status, 503);
});

test('when startup and ready fail, the reason is that of ready', () => {
  const shutDown: Verdicts = { startup: failed('not probed yet'), ready: failed('shutting down'), live: ok };
  assert.equal(get('/readyz', shutDown).body, 'shutting down\n');
});

test('?verbose lists each check as kube-apiserver does', () => {
  assert.deepEqual(brief(get('/readyz?verbose')), [200, '[+]startup ok\n[+]ready ok\nreadyz check passed\n']);
  assert.deepEqual(brief(get('/readyz?verbose=1', { ...ALL_OK, ready: failed('HTTP 500') })), [
    503,
    '[+]startup ok\n[-]ready failed: HTTP 500\nreadyz check failed\n',
  ]);
  assert.deepEqual(brief(get('/livez?a=b&verbose')), [200, '[+]live ok\nlivez check passed\n']);
  assert.deepEqual(brief(get('/livez?noverbose')), [200, 'ok']);
});

test('an endpoint answers in JSON when the Accept header names it', () => {
  const accept = 'text/html, application/json;q=0.9';
  const passing = get('/readyz', ALL_OK, { accept });
  assert.equal(passing.type, 'application/json; charset=utf-8');
  assert.deepEqual(JSON.parse(passing.body), {
    status: 'ok',
    checks: [
      { name: 'startup', status: 'ok' },
      { name: 'ready', status: 'ok' },
    ],
  });
  const failing = get('/livez', { ...ALL_OK, live: failed('it "hangs"\n') }, { accept });
  assert.equal(failing.status, 503);
  assert.deepEqual(JSON.parse(failing.body), {
    status: 'failed',
    reason: 'it "hangs"\n',
    checks: [{ name: 'live', status: 'failed', reason: 'it "hangs"\n' }],
  });
});

test('/statusz answers 200 with the state as JSON, whatever the verdicts are', () => {
  const page = get('/statusz?x', { ...ALL_OK, live: failed('it hangs') });
  assert.deepEqual(brief(page), [200, '{"state":"running"}\n']);
  assert.equal(page.type, 'application/json; charset=utf-8');
});

test('any method but GET and HEAD gets 405, and no report is made for it', () => {
  const never = (): HealthReport => assert.fail('a report was made');
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'get', '']) {
    const page = respond({ method, target: '/livez', accept: '' }, never);
    assert.deepEqual([page.status, page.allow], [405, 'GET, HEAD'], method);
  }
  assert.deepEqual(get('/readyz', ALL_OK, { method: 'HEAD' }), get('/readyz'));
});

test('a request target in absolute form, as proxies send it, is answered as its path', () => {
  assert.deepEqual(brief(get('http://pod:20080/readyz')), [200, 'ok']);
  assert.equal(get('http://pod:20080').status, 404);
});

test('an unknown path gets 404, and the body lists the endpoints', () => {
  const paths = ['/', '', '/readyz/', '/READYZ', '//readyz', '/metrics/x', '/toString', '/__proto__', '*', '?verbose'];
  for (const path of paths) {
    const { status, body } = get(path);
    assert.equal(status, 404, path);
    assert.match(body, /\/healthz, \/livez, \/readyz, \/startupz, \/statusz/);
  }
  // The path is not repeated, because it may contain a secret.
  assert.doesNotMatch(get('/secret').body, /secret/);
});
